import { z } from '../config.ts'
import { AuscultError } from '../errors.ts'
import { gammaQuantile } from './gamma.ts'
import type { Calibration } from './manifest.ts'

const open = (low: number, high: number) => z.number().gt(low).lt(high)

/** How the threshold is found from the calibration scores of the bundle. */
export const thresholdSchema = z
  .discriminatedUnion('policy', [
    z.strictObject({
      policy: z.literal('percentile').describe('The percentile of the scores of held-out normal windows'),
      value: open(0, 100).default(99.5).describe('Percentile, 0 to 100'),
    }),
    z.strictObject({
      policy: z.literal('target_fpr').describe('The score that this fraction of normal windows exceeds'),
      value: open(0, 1).default(0.005).describe('False positive rate per window, 0 to 1'),
    }),
    z.strictObject({
      policy: z.literal('gamma').describe('The quantile of a gamma distribution fitted to the normal scores'),
      quantile: open(0, 1).default(0.999).describe('Quantile, 0 to 1; may lie far beyond the calibration data'),
    }),
    z.strictObject({
      policy: z.literal('value').describe('A fixed score'),
      value: z.number().positive().describe('The threshold itself, in units of the score'),
    }),
  ])
  .describe('The score above which a window is anomalous')

export type ThresholdPolicy = z.infer<typeof thresholdSchema>

/**
 * The score above which a window is anomalous.
 *
 * Percentile and target FPR interpolate linearly between the 1001 stored quantiles (numpy's `linear`). Beyond the 99.9th
 * percentile that is a line to the largest calibration score; for rarer rates than that take `gamma`.
 * @throws AUSCULT_CONFIG when the calibration scores do not allow the policy
 */
export function resolveThreshold(calibration: Calibration, policy: ThresholdPolicy): number {
  const threshold = resolve(calibration, policy)
  if (Number.isFinite(threshold)) return threshold
  throw new AuscultError('AUSCULT_CONFIG', `the calibration scores give no threshold by the policy ${policy.policy}`, {
    at: 'detector.threshold',
    remedy: 'Take another policy, for example {policy: percentile, value: 99.5}.',
  })
}

function resolve(calibration: Calibration, policy: ThresholdPolicy): number {
  switch (policy.policy) {
    case 'percentile':
      return interpolate(calibration.quantiles, policy.value / 100)
    case 'target_fpr':
      return interpolate(calibration.quantiles, 1 - policy.value)
    case 'gamma':
      return gammaQuantile(policy.quantile, calibration.gamma.shape, calibration.gamma.scale)
    case 'value':
      return policy.value
  }
}

/** The value at `fraction` (0 to 1) of evenly spaced quantiles. */
function interpolate(quantiles: readonly number[], fraction: number): number {
  const position = fraction * (quantiles.length - 1)
  const below = Math.min(Math.floor(position), quantiles.length - 2)
  const weight = position - below
  return quantiles[below] * (1 - weight) + quantiles[below + 1] * weight
}
