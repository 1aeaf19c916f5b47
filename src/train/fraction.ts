import { AuscultError } from '../errors.ts'
import { quantile } from '../model/calibration.ts'
import { type Random, seeded } from '../random.ts'

export interface FractionOptions {
  /** Scores of normal items that trained nothing, `[n]`. */
  readonly normal: ArrayLike<number>
  /** Scores of the items whose anomalous share is asked for, `[m]`. */
  readonly unlabelled: ArrayLike<number>
  /**
   * Recordings of the normal and of the unlabelled items, `[n]` and `[m]`, where an item is a window: windows of one recording are alike,
   * so that they say less than as many recordings would. Without them items are taken as independent.
   */
  readonly recordings?: { readonly normal: readonly string[]; readonly unlabelled: readonly string[] }
  /** Largest false positive rate at which items are counted. */
  readonly maxFpr?: number
  /** Of the bundle; raised where more than maxFpr of the normal items are above it. */
  readonly threshold?: number
  /** Of the intervals. */
  readonly confidence?: number
  readonly replicates?: number
  readonly seed?: number
}

export interface Estimate {
  readonly estimate: number
  readonly low: number
  readonly high: number
}

/** What share of a set is anomalous. */
export interface Fraction extends Estimate {
  /** Items above it are counted. */
  readonly threshold: number
  /** Share of the normal and of the unlabelled items above it. */
  readonly fpr: number
  readonly share: number
  readonly confidence: number
  readonly normal: number
  readonly unlabelled: number
  /** Independent items that would say as much as they do; fewer than there are where windows of a recording are alike. */
  readonly effective_normal: number
  readonly effective_unlabelled: number
  /** The same at the median of the normal scores: closer where some anomalous items score like normal ones, and less certain. */
  readonly mixture: Estimate
}

/** Fewer normal items say too little of a false positive rate. */
const LEAST_NORMAL = 30
const NORMAL_REMEDY = 'Label more recordings 1 that trained nothing, or count each window with --per window.'
const UNLABELLED_REMEDY = 'Give the recordings in question as well, without a label, or with an empty one: file,,class.'
/** λ of the mixture. */
const MEDIAN = 0.5

/**
 * The fraction f of anomalous items in an unlabelled set, by counting at a false positive rate of at most `maxFpr`.
 *
 * Of the unlabelled items a share p = f·TPR + (1 − f)·FPR is above a threshold. With TPR = 1 that gives f = (p − FPR) / (1 − FPR),
 * FPR being measured on held-out normal items. Where anomalous items score below the threshold it is a lower bound, in expectation
 * (Blanchard, Lee and Scott, JMLR 2010). `mixture` counts at the median of the normal scores, which fewer anomalous items are below:
 * 1 − π₀ of Storey (JRSS B 2002) with λ = ½.
 *
 * Intervals are percentiles of a Bayesian bootstrap of both sets (Rubin 1981) with Jeffreys' prior, and reach at least to what would show in no
 * item: they are open even where none, or each, is above. Sets count as many items as their design effect leaves (Kish 1965). Levels are fixed beforehand: one that is chosen by the result finds anomalous items where there are none.
 * @throws AUSCULT_LABELS with fewer than 30 normal items or no unlabelled ones, AUSCULT_NON_FINITE, AUSCULT_USAGE
 */
export function estimateFraction(options: FractionOptions): Fraction {
  const { maxFpr = 0.1, confidence = 0.95, replicates = 4000, seed = 0, threshold: least } = options
  if (!(maxFpr > 0 && maxFpr < 1 && confidence > 0 && confidence < 1 && replicates >= 100)) {
    throw new AuscultError('AUSCULT_USAGE', 'the false positive rate and the confidence are between 0 and 1', {
      remedy: 'Take a rate such as 0.1.',
    })
  }
  const normal = sorted(options.normal, LEAST_NORMAL, 'normal', NORMAL_REMEDY)
  const unlabelled = sorted(options.unlabelled, 1, 'unlabelled', UNLABELLED_REMEDY)
  const random = seeded(seed, normal.length, unlabelled.length)
  const sets = { normal: options.normal, unlabelled: options.unlabelled }
  const at = (threshold: number) => {
    const [p, fpr] = [unlabelled, normal].map(scores => countAbove(scores, threshold) / scores.length)
    const sizeOf = (set: 'normal' | 'unlabelled') => effectiveSize(sets[set], options.recordings?.[set], threshold)
    const [m, n] = [sizeOf('unlabelled'), sizeOf('normal')]
    /** A fraction that shows in none of the items often enough (0.05 of the time: the rule of three). */
    const unseen = 1 - (1 - confidence) ** (1 / m)
    const draw = () => corrected(drawShare(p, m, random), drawShare(fpr, n, random))
    const draws = Float64Array.from({ length: replicates }, draw).sort()
    const [below, above] = [1 - confidence, 1 + confidence].map(c => clip(quantile(draws, c / 2)))
    const [low, high] = [Math.min(below, 1 - unseen), Math.max(above, unseen)]
    const estimate = Math.min(high, Math.max(low, clip(corrected(p, fpr))))
    return { estimate, low, high, fpr, share: p, effective_normal: n, effective_unlabelled: m }
  }
  const threshold = Math.max(least ?? Number.NEGATIVE_INFINITY, quantile(normal, 1 - maxFpr))
  const counted = at(threshold)
  const { estimate, low, high } = at(quantile(normal, MEDIAN))
  const sizes = { normal: normal.length, unlabelled: unlabelled.length }
  return { ...counted, threshold, confidence, ...sizes, mixture: { estimate, low, high } }
}

/**
 * Items over the design effect: the variance of the share above a threshold when recordings are drawn, over that when items are.
 * @param recordings `[n]`; fewer than two of them, or as many as items, say nothing of the effect
 */
function effectiveSize(
  scores: ArrayLike<number>,
  recordings: readonly string[] | undefined,
  threshold: number,
): number {
  const n = scores.length
  const counts = new Map<string, { items: number; above: number }>()
  for (let i = 0; recordings && i < n; i++) {
    const own = counts.get(recordings[i]) ?? { items: 0, above: 0 }
    counts.set(recordings[i], own)
    own.items++
    if (scores[i] > threshold) own.above++
  }
  const groups = [...counts.values()]
  const p = groups.reduce((sum, { above }) => sum + above, 0) / n
  if (groups.length < 2 || p === 0 || p === 1) return n
  const squares = groups.reduce((sum, { items, above }) => sum + (above - p * items) ** 2, 0)
  const variance = (squares * groups.length) / (groups.length - 1) / n ** 2
  return Math.min(n, Math.max(1, (p * (1 - p)) / variance))
}

const corrected = (share: number, fpr: number): number => (share - fpr) / (1 - fpr)

const clip = (value: number): number => Math.min(1, Math.max(0, value))

/** A draw from the posterior of a share of n items: Beta(k + ½, n − k + ½). */
function drawShare(share: number, n: number, random: Random): number {
  const above = gammaVariate(share * n + 0.5, random)
  return Math.min(1 - 1e-12, above / (above + gammaVariate((1 - share) * n + 0.5, random)))
}

/** Marsaglia and Tsang (ACM TOMS 26, 2000); below 1 by their boost. */
function gammaVariate(shape: number, random: Random): number {
  if (shape < 1) return gammaVariate(shape + 1, random) * random.uniform() ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v
  }
}

function countAbove(scores: Float64Array, threshold: number): number {
  return scores.reduce((count, score) => (score > threshold ? count + 1 : count), 0)
}

function sorted(scores: ArrayLike<number>, least: number, what: string, remedy: string): Float64Array {
  const values = Float64Array.from(scores).sort()
  if (!values.every(Number.isFinite))
    throw new AuscultError('AUSCULT_NON_FINITE', `a score of the ${what} items is not finite`)
  if (values.length >= least) return values
  const message = `${values.length} ${what} items are too few for a fraction: it takes ${least}`
  throw new AuscultError('AUSCULT_LABELS', message, { remedy })
}
