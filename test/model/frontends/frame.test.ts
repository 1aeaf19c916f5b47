import { describe, expect, it } from 'vitest'
import { frameFrontEnd } from '../../../src/model/frontends/frame.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'

function features(shape: number[], options: { bin?: number; log1p?: boolean }, window?: number[]) {
  const frontEnd = frameFrontEnd({ shape, bin: options.bin ?? 1, log1p: options.log1p ?? false })
  const out = new Float32Array(sizeOf(frontEnd.featureShape))
  const input = window ?? Array.from({ length: sizeOf(shape) }, (_, i) => i)
  frontEnd.transform(Float32Array.from(input), out)
  return { shape: frontEnd.featureShape, values: [...out] }
}

describe('frameFrontEnd', () => {
  it('adds a channel axis to images only', () => {
    expect(features([3], {}).shape).toEqual([3])
    expect(features([2, 2], {})).toEqual({ shape: [2, 2, 1], values: [0, 1, 2, 3] })
    expect(features([2, 2, 3], {}).shape).toEqual([2, 2, 3])
    expect(features([2, 2, 2, 1], {}).shape).toEqual([2, 2, 2, 1])
  })

  it('adds up squares', () => {
    expect(features([2, 4], { bin: 2 })).toEqual({ shape: [1, 2, 1], values: [0 + 1 + 4 + 5, 2 + 3 + 6 + 7] })
  })

  it('adds up runs of a vector', () => {
    expect(features([6], { bin: 3 })).toEqual({ shape: [2], values: [3, 12] })
  })

  it('keeps channels apart', () => {
    expect(features([2, 2, 2], { bin: 2 })).toEqual({ shape: [1, 1, 2], values: [0 + 2 + 4 + 6, 1 + 3 + 5 + 7] })
  })

  it('does not add to what the output held before', () => {
    const frontEnd = frameFrontEnd({ shape: [4], bin: 2, log1p: false })
    const out = new Float32Array(4).fill(5)
    frontEnd.transform(Float32Array.of(1, 2, 3, 4), out, 1)
    expect([...out]).toEqual([5, 3, 7, 5])
  })

  it('takes the logarithm after binning', () => {
    const { values } = features([2], { bin: 2, log1p: true }, [1, 2])
    expect(values[0]).toBeCloseTo(Math.log(4), 6)
  })

  it('multiplies before the logarithm, so that small values count', () => {
    const frontEnd = frameFrontEnd({ shape: [2], bin: 1, log1p: true, gain: 1000 })
    const out = new Float32Array(2)
    frontEnd.transform(Float32Array.of(0.002, 0), out)
    expect([...out]).toEqual([Math.fround(Math.log1p(1000 * Math.fround(0.002))), 0])
    expect(() => frontEnd.transform(Float32Array.of(0, -0.001), out)).toThrow(/log1p of -1/)
  })

  it('refuses the logarithm of values at or below −1', () => {
    expect(() => features([2], { log1p: true }, [0, -1])).toThrow(
      expect.objectContaining({ code: 'AUSCULT_NON_FINITE' }),
    )
  })
})
