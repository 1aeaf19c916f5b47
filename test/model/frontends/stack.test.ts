import { describe, expect, it } from 'vitest'
import { featuresFrontEnd } from '../../../src/model/frontends/features.ts'
import { stacked } from '../../../src/model/frontends/stack.ts'

describe('stacked', () => {
  it('gives every run of k frames, the earliest frame first', () => {
    const frontEnd = stacked(featuresFrontEnd(4, 2), 3)
    expect(frontEnd.windowShape).toEqual([4, 2])
    expect(frontEnd.items).toBe(2)
    expect(frontEnd.featureShape).toEqual([6])
    const out = new Float32Array(13).fill(-1)
    frontEnd.transform(Float32Array.of(0, 1, 10, 11, 20, 21, 30, 31), out, 1)
    expect([...out]).toEqual([-1, 0, 1, 10, 11, 20, 21, 10, 11, 20, 21, 30, 31])
  })

  it('gives one item where k is the number of frames', () => {
    expect(stacked(featuresFrontEnd(4, 2), 4)).toMatchObject({ items: 1, featureShape: [8] })
  })
})
