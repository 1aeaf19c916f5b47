import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config.ts'
import type { Calibration } from '../../src/model/manifest.ts'
import { resolveThreshold, thresholdSchema } from '../../src/model/threshold.ts'

/** Quantiles 0, 0.001, … 0.999 and a maximum of 3. */
const calibration: Calibration = {
  count: 5000,
  mean: 0.5,
  std: 0.3,
  quantiles: Array.from({ length: 1001 }, (_, i) => (i === 1000 ? 3 : i / 1000)),
  gamma: { shape: 4, scale: 0.125 },
}

describe('resolveThreshold', () => {
  it('takes a percentile of the calibration scores', () => {
    expect(resolveThreshold(calibration, { policy: 'percentile', value: 99.5 })).toBeCloseTo(0.995, 12)
  })

  it('interpolates between quantiles', () => {
    expect(resolveThreshold(calibration, { policy: 'percentile', value: 12.345 })).toBeCloseTo(0.12345, 12)
  })

  it('interpolates towards the maximum beyond the last step', () => {
    expect(resolveThreshold(calibration, { policy: 'percentile', value: 99.95 })).toBeCloseTo((0.999 + 3) / 2, 10)
  })

  it('takes the complement of a false positive rate', () => {
    const rate = resolveThreshold(calibration, { policy: 'target_fpr', value: 0.005 })
    expect(rate).toBeCloseTo(resolveThreshold(calibration, { policy: 'percentile', value: 99.5 }), 12)
  })

  it('takes a quantile of the fitted gamma distribution (scipy.stats.gamma.ppf(0.999, 4, scale=0.125))', () => {
    expect(resolveThreshold(calibration, { policy: 'gamma', quantile: 0.999 })).toBeCloseTo(1.6327800973985087, 9)
  })

  it('takes a value as it is', () => {
    expect(resolveThreshold(calibration, { policy: 'value', value: 7 })).toBe(7)
  })

  it('refuses a gamma fit that gives no number', () => {
    const flat = { ...calibration, gamma: { shape: 0, scale: 0 } }
    expect(() => resolveThreshold(flat, { policy: 'gamma', quantile: 0.999 })).toThrow(/gives? no threshold/)
  })
})

describe('thresholdSchema', () => {
  it('fills in the default of each policy', () => {
    const defaults = ['percentile', 'target_fpr', 'gamma'].map(policy => thresholdSchema.parse({ policy }))
    expect(defaults).toEqual([
      { policy: 'percentile', value: 99.5 },
      { policy: 'target_fpr', value: 0.005 },
      { policy: 'gamma', quantile: 0.999 },
    ])
  })

  it.each([
    { policy: 'percentile', value: 100 },
    { policy: 'target_fpr', value: 1.5 },
    { policy: 'gamma', value: 0.999 },
    { policy: 'value' },
    { policy: 'mean' },
  ])('refuses %j', raw => {
    expect(() => checkConfig(raw, thresholdSchema, 'test')).toThrow(expect.objectContaining({ code: 'AUSCULT_CONFIG' }))
  })
})
