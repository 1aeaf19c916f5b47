import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { calibrate, quantile } from '../calibration.ts'
import { type Calibration, calibrationSchema } from '../manifest.ts'
import { resolveThreshold, type ThresholdPolicy } from '../threshold.ts'
import { LogScale } from './log-scale.ts'
import { Psi } from './psi.ts'

export const recalibrationSchema = z
  .strictObject({
    minimum: z.number().int().min(100).default(1000).describe('Least normal windows to calibrate from'),
    max_factor: z.number().gt(1).default(2).describe('Largest factor by which a threshold may change without force'),
    trim: z
      .number()
      .positive()
      .default(6)
      .describe('Scores farther from the median than so many spreads (in ln score) are left out'),
    capacity: z.number().int().min(100).default(5000).describe('Scores of each source that are kept for it'),
    horizon: z.number().int().min(100).default(100_000).describe('Windows outside episodes that these are drawn from'),
  })
  .refine(({ minimum, capacity }) => minimum <= capacity, { path: ['minimum'], message: 'above capacity' })
  .describe('A new calibration of a source from its own normal windows')

export type RecalibrationConfig = z.infer<typeof recalibrationSchema>

export interface RecalibrateOptions extends Pick<RecalibrationConfig, 'minimum' | 'max_factor' | 'trim'> {
  /** The calibration in use. */
  readonly current: Calibration
  readonly policy: ThresholdPolicy
  /** Whether the threshold may change by more than max_factor. */
  readonly force?: boolean
  /** The source, for errors. */
  readonly at?: string
}

const sideSchema = z.strictObject({
  windows: z.number().int().positive(),
  median: z.number(),
  percentile_99: z.number(),
  threshold: z.number(),
})

const reportSchema = z.strictObject({
  before: sideSchema,
  after: sideSchema,
  /** Threshold after / threshold before. */
  factor: z.number(),
  /** Scores that were left out as outliers. */
  trimmed: z.number().int().nonnegative(),
  /** Population stability index of the new scores against the old calibration. */
  psi: z.number().nonnegative(),
  forced: z.boolean(),
})

export type RecalibrationReport = z.infer<typeof reportSchema>

/** What is kept of a recalibration, so that it can be taken back. */
export const recalibrationRecordSchema = z.strictObject({
  source: z.string(),
  who: z.string(),
  /** Milliseconds since the epoch. */
  when: z.number(),
  why: z.string(),
  before: calibrationSchema,
  after: calibrationSchema,
  report: reportSchema.nullable(),
})

export type RecalibrationRecord = z.infer<typeof recalibrationRecordSchema>

const BINS = 10

/**
 * A calibration from scores of a source outside episodes. Outliers are left out; nothing else is taken from the old calibration.
 * @param scores `[n]`, finite
 * @throws AUSCULT_RECALIBRATION when there are too few, or the threshold would change by more than max_factor and `force` is not set;
 * AUSCULT_NON_FINITE
 */
export function recalibrate(
  scores: ArrayLike<number>,
  options: RecalibrateOptions,
): { calibration: Calibration; report: RecalibrationReport } {
  const { current, policy, minimum, max_factor: most, force = false, at } = options
  const all = Float64Array.from(scores)
  if (!all.every(Number.isFinite)) throw new AuscultError('AUSCULT_NON_FINITE', 'a score is not finite', { at })
  const kept = trim(all, options.trim)
  if (kept.length < minimum) {
    throw new AuscultError('AUSCULT_RECALIBRATION', `${kept.length} normal windows are too few to calibrate from`, {
      at,
      remedy: `Wait until there are ${minimum}, or lower recalibration.minimum.`,
      canRetry: true,
    })
  }
  const calibration = calibrate(kept)
  const [before, after] = [describe(current, policy), describe(calibration, policy)]
  const factor = after.threshold / before.threshold
  if (!force && !(factor <= most && factor >= 1 / most)) {
    const change = `${before.threshold.toPrecision(4)} to ${after.threshold.toPrecision(4)}`
    throw new AuscultError('AUSCULT_RECALIBRATION', `the threshold would go from ${change}`, {
      at,
      remedy: `Ask with force if that is right; without, it may change by a factor of ${most} (recalibration.max_factor).`,
    })
  }
  const psi = new Psi(current.quantiles, BINS)
  for (const score of kept) psi.push(score, 1)
  const trimmed = all.length - kept.length
  return { calibration, report: { before, after, factor, trimmed, psi: psi.value, forced: force } }
}

/** The record of taking a recalibration back. */
export function reversed(record: RecalibrationRecord, by: Pick<RecalibrationRecord, 'who' | 'when' | 'why'>) {
  const { source, before, after } = record
  return { source, ...by, before: after, after: before, report: null } satisfies RecalibrationRecord
}

/** Without scores that are farther from the median than `limit` spreads, in ln score. */
function trim(scores: Float64Array, limit: number): Float64Array {
  if (scores.length === 0) return scores
  const sorted = scores.slice().sort()
  const quantiles = Array.from({ length: 101 }, (_, i) => quantile(sorted, i / 100))
  const scale = new LogScale({ quantiles })
  return scores.filter(score => Math.abs(scale.of(score) - scale.center) <= limit * scale.spread)
}

function describe(calibration: Calibration, policy: ThresholdPolicy) {
  const { count: windows, quantiles } = calibration
  const [median, percentile] = [0.5, 0.99].map(q => quantile(quantiles, q))
  return { windows, median, percentile_99: percentile, threshold: resolveThreshold(calibration, policy) }
}
