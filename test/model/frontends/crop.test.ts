import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cropFrames, cropProblem, cropped, tileStarts } from '../../../src/model/frontends/crop.ts'
import { featuresFrontEnd } from '../../../src/model/frontends/features.ts'

describe('tileStarts', () => {
  it('spaces tiles evenly from the beginning to the end', () => {
    expect(tileStarts(313, 128)).toEqual([0, 93, 185])
    expect(tileStarts(128, 128)).toEqual([0])
    expect(tileStarts(64, 32)).toEqual([0, 32])
  })

  it('covers every frame with as few tiles as can', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 400 }), (a, b) => {
        const [k, frames] = [Math.min(a, b), Math.max(a, b)]
        const starts = tileStarts(frames, k)
        const covered = new Set(starts.flatMap(start => Array.from({ length: k }, (_, i) => start + i)))
        expect(covered.size).toBe(frames)
        expect(Math.max(...covered)).toBe(frames - 1)
        expect(starts).toHaveLength(Math.ceil(frames / k))
      }),
    )
  })
})

describe('cropped', () => {
  it('gives tiles of all bins, one after the other, where it is told to', () => {
    const inner = featuresFrontEnd(5, 2)
    const frontEnd = cropped(inner, 3)
    expect([frontEnd.items, frontEnd.featureShape, frontEnd.uncropped]).toEqual([2, [3, 2, 1], inner])
    const out = new Float32Array(14).fill(-1)
    frontEnd.transform(
      Float32Array.from({ length: 10 }, (_, k) => k),
      out,
      1,
    )
    expect([...out]).toEqual([-1, 0, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, -1])
  })

  it('is square on request', () => {
    expect([cropFrames('square', 128), cropFrames(32, 128)]).toEqual([128, 32])
  })

  it('says what does not fit', () => {
    expect(cropProblem('square', null, 128, 128)).toBeUndefined()
    expect(cropProblem('square', null, 32, 128)).toBe('crops of 128 frames do not fit into a window, which has 32')
    expect(cropProblem(8, 5, 32, 128)).toMatch(/not both/)
  })
})
