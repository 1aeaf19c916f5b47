import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuscultError } from '../../../src/errors.ts'
import { checkWindow } from '../../../src/model/frontends/check.ts'

const failure = (values: Float32Array, shape: number[]): AuscultError | undefined => {
  try {
    checkWindow(values, shape)
  } catch (error) {
    return error as AuscultError
  }
  return undefined
}

describe('checkWindow', () => {
  it('passes every finite value, the extremes too', () => {
    const edges = [3.4028234663852886e38, -3.4028234663852886e38, 1e-45, -1e-45, 0, -0]
    expect(failure(Float32Array.from(edges), [6])).toBeUndefined()
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true, noDefaultInfinity: true }), values => {
        expect(failure(values, [values.length])).toBeUndefined()
      }),
    )
  })

  it('names the first place that is not finite', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const values = new Float32Array(24).fill(-1)
      values[13] = bad
      values[20] = Number.NaN
      expect(failure(values, [24])).toMatchObject({ code: 'AUSCULT_NON_FINITE', at: 'sample 13' })
      expect(failure(values, [2, 3, 4])).toMatchObject({ code: 'AUSCULT_NON_FINITE', at: 'position [1, 0, 1]' })
    }
  })

  it('looks at the window only, not at what else its buffer holds', () => {
    const buffer = Float32Array.of(Number.NaN, 1, 2, Number.NaN)
    expect(failure(buffer.subarray(1, 3), [2])).toBeUndefined()
  })

  it('refuses another length', () => {
    const error = failure(new Float32Array(5), [2, 3])
    expect(error).toMatchObject({ code: 'AUSCULT_INPUT_SHAPE' })
    expect(error?.message).toContain('5 values')
    expect(error?.message).toContain('6 (2 × 3)')
  })
})
