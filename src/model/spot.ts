import { z } from '../config.ts'
import { AuscultError } from '../errors.ts'
import { quantile } from './calibration.ts'
import { checkState, count, damaged, finite } from './drift/state.ts'
import { fitGpd, gpdExcess } from './gpd.ts'
import type { Calibration } from './manifest.ts'
import { pack, unpack } from './packed.ts'

export interface SpotOptions {
  /** Probability per window of a score above the threshold. */
  readonly q: number
  /** Quantile above which scores are peaks. */
  readonly level: number
  /** Windows whose mean is taken off a score first (DSPOT); 0: none. */
  readonly depth: number
  /** Peaks that are kept. */
  readonly peaks: number
}

/** Fewer tell nothing of a tail. */
const LEAST_PEAKS = 10
/** With more peaks than this, one changes the fit so little that it waits until a fiftieth of them are new. */
const MANY_PEAKS = 250
const RENEWED = 1 / 50
/** A lone score above the threshold counts as one that is this many times rarer at most. */
const RARER = 10

const stateSchema = z.strictObject({
  version: z.literal(1),
  count,
  from: finite,
  excess: finite,
  most: finite,
  kept: count,
  unfitted: count,
  excesses: z.string(),
  places: z.string(),
  recent: z.string(),
  next: count,
})

/**
 * SPOT and, with a depth, DSPOT (Siffer, Fouque, Termier and Largouët, KDD 2017): the threshold that a score exceeds with probability q,
 * from a generalised Pareto distribution of the excesses over a high level, fitted again with each of them while they are few.
 *
 * As in the paper, scores of anomalies are not to be pushed. But where all above the threshold are taken for such, the tail is cut
 * off there, the next fit is lower, and the threshold sinks for ever (its rate rises tenfold within 100,000 windows at q = 0.001). So a
 * lone score above it, outside an episode, is to be pushed: it belongs to the tail, if only up to a bound.
 *
 * The static start is the calibration's tail, as many evenly spaced points of its quantiles as it had scores there; the moving average
 * of DSPOT starts as its mean. Memory is bounded: when `peaks` are reached, the oldest goes, and the windows up to it no longer count.
 */
export class Spot {
  readonly #options: SpotOptions
  /** Level of a peak; of DSPOT relative to the moving average. */
  readonly #level: number
  /** Windows, those of the calibration included; and those of them that came before the oldest peak that is kept. */
  #count: number
  #from = 0
  /** How far each peak lay above the level, and how many windows there had been; the first `#kept`, oldest first. */
  #excesses: Float64Array
  #places: Float64Array
  #kept = 0
  /** Peaks since the fit. */
  #unfitted = 0
  /** Of the threshold over the level; and the most that a score counts for. */
  #excess = 0
  #most = 0
  /** The latest normal scores, a ring. */
  #recent: Float64Array
  #next = 0
  /** Of these; 0 without a depth. */
  #mean = 0

  /** @throws AUSCULT_CONFIG when the calibration has too few scores for a tail */
  constructor(calibration: Calibration, options: SpotOptions) {
    this.#options = options
    const { count, quantiles, mean } = calibration
    const level = Math.min(options.level, 1 - LEAST_PEAKS / count)
    if (!(level > 0)) {
      throw new AuscultError(
        'AUSCULT_CONFIG',
        `spot needs more than ${LEAST_PEAKS} calibration windows, not ${count}`,
        {
          at: 'detector.threshold',
          remedy: 'Train with more recordings, or take {policy: percentile, value: 99.5}.',
        },
      )
    }
    this.#count = count
    this.#recent = new Float64Array(options.depth).fill(mean)
    this.#mean = average(this.#recent)
    const above = quantile(quantiles, level)
    this.#level = above - this.#mean
    this.#excesses = new Float64Array(options.peaks)
    this.#places = new Float64Array(options.peaks)
    const peaks = tail(calibration, level, above).slice(-options.peaks)
    for (const { excess, at } of peaks) this.#keep(excess, at)
    this.#estimate()
  }

  /** The score above which a window is anomalous. */
  get value(): number {
    return this.#mean + this.#level + this.#excess
  }

  /** Peaks that the fit rests on. */
  get peaks(): number {
    return this.#kept
  }

  /** Takes the score of the next window outside an episode. */
  push(score: number): void {
    if (!Number.isFinite(score)) return
    const excess = Math.min(this.#most, score - this.#mean - this.#level)
    this.#count++
    if (excess > 0) {
      this.#keep(excess, this.#count)
      this.#unfitted++
      if (this.#kept <= MANY_PEAKS || this.#unfitted >= this.#kept * RENEWED) this.#estimate()
    }
    if (this.#options.depth === 0) return
    this.#recent[this.#next] = Math.min(score, this.#mean + this.#level + this.#most)
    this.#next = (this.#next + 1) % this.#options.depth
    this.#mean = average(this.#recent)
  }

  snapshot(): z.infer<typeof stateSchema> {
    return {
      version: 1,
      count: this.#count,
      from: this.#from,
      excess: this.#excess,
      most: this.#most,
      kept: this.#kept,
      unfitted: this.#unfitted,
      excesses: pack(this.#excesses.subarray(0, this.#kept)),
      places: pack(this.#places.subarray(0, this.#kept)),
      recent: pack(this.#recent),
      next: this.#next,
    }
  }

  /** Goes on from a snapshot, taken with the same calibration and options. @throws AUSCULT_STATE, and keeps its state */
  restore(raw: unknown): void {
    const state = checkState(raw, stateSchema, 'threshold')
    const { depth, peaks } = this.#options
    const { kept, next } = state
    const excesses = unpack(state.excesses, kept)
    const places = unpack(state.places, kept)
    const recent = unpack(state.recent, depth)
    const fits = recent && next < Math.max(1, depth) && kept > 0 && kept <= peaks
    if (!fits || !places || !excesses?.every(excess => excess > 0)) {
      throw damaged('threshold', 'its peaks cannot be read, or its options differ')
    }
    this.#count = state.count
    this.#from = state.from
    this.#excess = state.excess
    this.#most = state.most
    this.#excesses.set(excesses)
    this.#places.set(places)
    this.#kept = kept
    this.#unfitted = state.unfitted
    this.#recent = recent
    this.#next = next
    this.#mean = average(this.#recent)
  }

  #keep(excess: number, place: number): void {
    if (this.#kept === this.#excesses.length) {
      this.#from = this.#places[0]
      this.#excesses.copyWithin(0, 1)
      this.#places.copyWithin(0, 1)
      this.#kept--
    }
    this.#excesses[this.#kept] = excess
    this.#places[this.#kept++] = place
  }

  #estimate(): void {
    this.#unfitted = 0
    const windows = this.#count - this.#from
    const fit = fitGpd(this.#excesses.subarray(0, this.#kept))
    const ratio = (this.#options.q * windows) / this.#kept
    // Where peaks are rarer than q, the level itself is the threshold.
    this.#excess = Math.max(0, gpdExcess(fit, ratio))
    this.#most = Math.max(this.#excess, gpdExcess(fit, ratio / RARER))
  }
}

function average(scores: Float64Array): number {
  let sum = 0
  for (let i = 0; i < scores.length; i++) sum += scores[i]
  return scores.length === 0 ? 0 : sum / scores.length
}

/** Excesses of the calibration's scores over its `level` quantile, in an order that does not sort them by size. */
function tail({ count, quantiles }: Calibration, level: number, above: number): { excess: number; at: number }[] {
  const peaks = Math.round(count * (1 - level))
  const stride = coprime(peaks)
  return Array.from({ length: peaks }, (_, i) => {
    const place = ((i * stride) % peaks) + 0.5
    const score = quantile(quantiles, level + ((1 - level) * place) / peaks)
    // Equal scores at the top of a calibration have no excess; a fit wants one above 0.
    return {
      excess: Math.max(score - above, Math.abs(above) * 1e-9 + Number.MIN_VALUE * 2 ** 52),
      at: ((i + 1) * count) / peaks,
    }
  })
}

/** Near the golden section of n, and without a common divisor. */
function coprime(n: number): number {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
  let stride = Math.max(1, Math.round(n * 0.618))
  while (gcd(stride, n) !== 1) stride++
  return stride
}
