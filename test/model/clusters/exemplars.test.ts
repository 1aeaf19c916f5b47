import { describe, expect, it } from 'vitest'
import { Exemplars } from '../../../src/model/clusters/exemplars.ts'

const at = (i: number, distance: number) => ({ window: `pump/0/${i}`, time: i, distance })
const windows = (exemplars: readonly { window: string }[]) =>
  exemplars.map(({ window }) => Number(window.split('/')[2]))
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
    expect(windows(filled().central(1))).toEqual([1, 3])
    expect(filled().central(2)).toEqual([])
  })

  it('are at most eight of each kind', () => {
    const exemplars = new Exemplars()
    for (let i = 0; i < 40; i++) exemplars.offer(1, at(i, i), ORIGIN)
    const [{ central, recent }] = exemplars.snapshot()
    expect([central.length, recent.length]).toEqual([8, 8])
  })

  it('are given by likeness to a latent, each once', () => {
    expect(windows(filled().nearest(1, ORIGIN, 9))).toEqual([1, 3, 4])
    expect(windows(filled().nearest(1, Float32Array.of(3, 0), 2))).toEqual([4, 3])
    expect(windows(filled().nearest(1, ORIGIN, 9, ({ time }) => time !== 3))).toEqual([1, 4])
    expect(filled().nearest(1, Float32Array.of(3, 4), 1)[0].distance).toBe(4)
    expect(filled().nearest(2, ORIGIN, 3)).toEqual([])
  })

  it('do not follow the array that they were offered in', () => {
    const exemplars = new Exemplars()
    const latent = Float32Array.of(1, 2)
    exemplars.offer(1, at(0, 0), latent)
    latent.fill(9)
    expect(exemplars.central(1)[0].latent).toEqual(Float32Array.of(1, 2))
  })

  it('can be withdrawn, and take another place when they are offered again', () => {
    const exemplars = filled()
    exemplars.withdraw(1, 'pump/0/3')
    exemplars.withdraw(1, 'nobody')
    exemplars.withdraw(2, 'pump/0/1')
    expect(windows(exemplars.nearest(1, ORIGIN, 9))).toEqual([1, 4])
    exemplars.offer(1, at(1, 9), ORIGIN)
    expect(exemplars.central(1)).toHaveLength(1)
    expect(exemplars.snapshot()[0].recent.map(({ window }) => window)).toEqual(['pump/0/4', 'pump/0/1'])
  })

  it('go over to the cluster that theirs is merged into, and are forgotten with it', () => {
    const exemplars = filled()
    exemplars.offer(2, at(9, 0.5), Float32Array.of(0.5, 0))
    exemplars.merge(1, 2)
    exemplars.merge(7, 2)
    expect(exemplars.nearest(1, ORIGIN, 9)).toEqual([])
    const [{ id, central, recent }] = exemplars.snapshot()
    expect([id, windows(central), windows(recent)]).toEqual([2, [9, 1], [4, 9]])
    expect(exemplars.ids()).toEqual([2])
    exemplars.forget(2)
    expect(exemplars.snapshot()).toEqual([])
  })

  it('go on from their snapshot, and refuse what is none', () => {
    const snapshot = filled().snapshot()
    const restored = Exemplars.restore(JSON.parse(JSON.stringify(snapshot)), 2)
    expect(restored.snapshot()).toEqual(snapshot)
    expect(restored.central(1)).toEqual(filled().central(1))
    const [{ central, ...rest }] = snapshot
    const bent = (latent: unknown) => [{ ...rest, central: [{ ...central[0], latent }] }]
    for (const raw of [undefined, [{ id: 1 }], bent([1, 2]), bent('AAAA'), bent('AADAfw==')]) {
      expect(() => Exemplars.restore(raw)).toThrow(expect.objectContaining({ code: 'AUSCULT_STATE' }))
    }
  })
})
