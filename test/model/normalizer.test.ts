import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyNormalization, invertNormalization, NormalizerFit } from '../../src/model/normalizer.ts'

type Method = 'none' | 'minmax' | 'symmetric' | 'standard'

const fit = (method: Method, length: number, arrays: number[][]) => {
  const fitted = new NormalizerFit(method, length)
  for (const array of arrays) fitted.add(Float32Array.from(array))
  return fitted.finish()
}

const applied = (method: Method, length: number, values: number[]) => {
  const { offset, scale } = fit(method, length, [values])
  const features = Float32Array.from(values)
  applyNormalization(features, offset, scale)
  return [...features]
}

const values = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 60 })

describe('NormalizerFit', () => {
  it('brings the training range to [0, 1]', () => {
    expect(applied('minmax', 1, [3, -1, 1])).toEqual([1, 0, 0.5])
  })

  it('brings the training range of each entry to [-1, 1], where symmetric', () => {
    expect(applied('symmetric', 1, [3, -1, 1, 0])).toEqual([1, -1, 0, -0.5])
    expect(applied('symmetric', 2, [0, 10, 255, 30])).toEqual([-1, -1, 1, 1])
  })

  it('brings each bin to mean 0 and deviation 1', () => {
    expect(applied('standard', 2, [1, 100, 3, 300])).toEqual([-1, -1, 1, 1])
  })

  it('uses entry i % length for value i, so that stacked frames share it', () => {
    const features = Float32Array.of(1, 10, 2, 20, 3, 30)
    applyNormalization(features, [1, 10], [1, 0.1])
    expect([...features].map(x => Math.round(x * 1e6) / 1e6)).toEqual([0, 0, 1, 1, 2, 2])
  })

  it('does not depend on how the data are cut into arrays', () => {
    fc.assert(
      fc.property(
        fc.array(values, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('minmax' as const, 'symmetric' as const, 'standard' as const),
        (arrays, method) => {
          const pieces = fit(method, 1, arrays)
          const whole = fit(method, 1, [arrays.flat()])
          expect(pieces.offset[0]).toBeCloseTo(whole.offset[0], 8)
          expect(pieces.scale[0] / whole.scale[0]).toBeCloseTo(1, 6)
        },
      ),
    )
  })

  it('agrees with the definition of mean and deviation', () => {
    fc.assert(
      fc.property(values, array => {
        const floats = [...Float32Array.from(array)]
        const mean = floats.reduce((a, b) => a + b) / floats.length
        const deviation = Math.sqrt(floats.reduce((sum, x) => sum + (x - mean) ** 2, 0) / floats.length)
        const { offset, scale } = fit('standard', 1, [array])
        expect(offset[0]).toBeCloseTo(mean, 9)
        if (deviation > 1e-3) expect(scale[0] * deviation).toBeCloseTo(1, 9)
      }),
    )
  })

  it('keeps its digits far from 0', () => {
    const { scale } = fit('standard', 1, [Array.from({ length: 1000 }, (_, i) => 1e6 + (i % 2))])
    expect(scale[0]).toBeCloseTo(2, 9)
  })

  it.each(['minmax', 'symmetric', 'standard'] as const)('gives a constant feature 0, not infinity (%s)', method => {
    expect(applied(method, 2, [-100, 0, -100, 0])).toEqual([0, 0, 0, 0])
    expect(applied(method, 1, [0.1, 0.1, 0.1])[0]).toBeCloseTo(0, 6)
    const { scale } = fit(method, 1, [[-100, -100, Math.fround(-100.00001)]])
    expect(scale).toEqual([1])
  })

  it('changes nothing with method none', () => {
    expect(applied('none', 1, [3, -1])).toEqual([3, -1])
    expect(fit('none', 4, [])).toEqual({ offset: [0], scale: [1] })
  })

  it('refuses to fit nothing, and arrays of another layout', () => {
    expect(() => fit('standard', 1, [])).toThrow(expect.objectContaining({ code: 'AUSCULT_TRAINING' }))
    expect(() => fit('standard', 3, [[1, 2]])).toThrow(expect.objectContaining({ code: 'AUSCULT_SHAPE' }))
  })
})

describe('applyNormalization', () => {
  it('gives the same bits by one map for all values as by one for each bin', () => {
    const bins = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(bins, fc.float({ noNaN: true }), fc.double({ min: -1e3, max: 1e3, noNaN: true }), (array, o, s) => {
        const [one, each] = [Float32Array.from(array), Float32Array.from(array)]
        applyNormalization(one, [o], [s])
        applyNormalization(each, [o, o, o], [s, s, s])
        expect(one).toEqual(each)
      }),
    )
  })
})

describe('invertNormalization', () => {
  it('undoes applyNormalization', () => {
    fc.assert(
      fc.property(
        values,
        fc.constantFrom('minmax' as const, 'symmetric' as const, 'standard' as const),
        (array, method) => {
          const { offset, scale } = fit(method, 1, [array])
          const features = Float32Array.from(array)
          applyNormalization(features, offset, scale)
          invertNormalization(features, offset, scale)
          for (const [i, x] of array.entries()) expect(Math.abs(features[i] - x)).toBeLessThan(1e-3)
        },
      ),
    )
  })
})
