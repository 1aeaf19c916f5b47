import { z } from '../config.ts'
import { AuscultError } from '../errors.ts'
import { quantile } from './calibration.ts'
import { gammaQuantile } from './gamma.ts'
import type { Calibration } from './manifest.ts'
import { Spot } from './spot.ts'

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
    z.strictObject({
      policy: z
        .literal('spot')
        .describe('A score so rare by extreme value theory (SPOT), which follows the normal scores while running'),
      q: open(0, 1).default(1e-4).describe('Probability per window of a score above it'),
      level: open(0, 1).default(0.98).describe('Quantile above which scores belong to the tail'),
      depth: z
        .number()
        .int()
        .nonnegative()
        .default(0)
        .describe('Windows whose mean is taken off first (DSPOT), for scores that wander; 0: none'),
      peaks: z.number().int().min(10).max(10_000).default(500).describe('Scores of the tail that are kept'),
    }),
  ])
  .describe('The score above which a window is anomalous')

export type ThresholdPolicy = z.infer<typeof thresholdSchema>

/**
 * The score above which a window is anomalous; of a policy that moves, the first.
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
      return quantile(calibration.quantiles, policy.value / 100)
    case 'target_fpr':
      return quantile(calibration.quantiles, 1 - policy.value)
    case 'gamma':
      return gammaQuantile(policy.quantile, calibration.gamma.shape, calibration.gamma.scale)
    case 'value':
      return policy.value
    case 'spot':
      return new Spot(calibration, policy).value
  }
}

/** The threshold of one source while it runs. */
export interface Threshold {
  readonly value: number
  /** Takes the score of a window that is not part of an episode, lone ones above `value` included. NaN and ∞ change nothing. */
  push(score: number): void
  /** What `restore` wants; null where there is nothing to remember. */
  snapshot(): unknown
  /** Goes on from a snapshot, taken with the same calibration and policy. @throws AUSCULT_STATE, and keeps its state */
  restore(state: unknown): void
}

/** @throws AUSCULT_CONFIG when the calibration scores do not allow the policy */
export function createThreshold(calibration: Calibration, policy: ThresholdPolicy): Threshold {
  const value = resolveThreshold(calibration, policy)
  return policy.policy === 'spot' ? new Spot(calibration, policy) : new FixedThreshold(value)
}

class FixedThreshold implements Threshold {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  push(): void {}

  snapshot(): null {
    return null
  }

  restore(): void {}
}
