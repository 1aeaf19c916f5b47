import { describe, expect, it } from 'vitest'
import { Exemplars } from '../../../src/model/clusters/exemplars.ts'

const at = (i: number, distance: number) => ({ window: `pump/0/${i}`, time: i, distance })
const windows = (exemplars: { window: string }[]) => exemplars.map(({ window }) => Number(window.split('/')[2]))
const [ORIGIN] = [new Float32Array(2)]

function filled(most = 2): Exemplars {
  const exemplars = new Exemplars(most)
  const distances = [5, 1, 4, 2, 3]
  distances.forEach((distance, i) => {
    exemplars.offer(1, at(i, distance), Float32Array.of(distance, 0))
  })
  return exemplars
}

describe('exemplars', () => {
  it('are the nearest to the centre and the latest, bounded', () => {
    const [{ central, recent }] = filled().snapshot()
    expect(windows(central)).toEqual([1, 3])
    expect(windows(recent)).toEqual([3, 4])
  })

  it('are given by likeness to a latent, each once', () => {
    expect(windows(filled().nearest(1, ORIGIN, 9))).toEqual([1, 3, 4])
    expect(windows(filled().nearest(1, Float32Array.of(3, 0), 2))).toEqual([4, 3])
    expect(filled().nearest(1, Float32Array.of(3, 4), 1)[0].distance).toBe(4)
    expect(filled().nearest(2, ORIGIN, 3)).toEqual([])
  })

  it('go over to the cluster that theirs is merged into, and are forgotten with it', () => {
    const exemplars = filled()
    exemplars.offer(2, at(9, 0.5), Float32Array.of(0.5, 0))
    exemplars.merge(1, 2)
    exemplars.merge(7, 2)
    expect(exemplars.nearest(1, ORIGIN, 9)).toEqual([])
    const [{ id, central, recent }] = exemplars.snapshot()
    expect([id, windows(central), windows(recent)]).toEqual([2, [9, 1], [4, 9]])
    exemplars.forget(2)
    expect(exemplars.snapshot()).toEqual([])
  })

  it('go on from their snapshot, and refuse what is none', () => {
    const restored = Exemplars.restore(JSON.parse(JSON.stringify(filled().snapshot())), 2)
    expect(restored.snapshot()).toEqual(filled().snapshot())
    expect(() => Exemplars.restore([{ id: 1 }])).toThrow(expect.objectContaining({ code: 'AUSCULT_STATE' }))
  })
})
