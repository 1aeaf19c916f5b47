import { roundHalfEven } from '../chroma-filterbank.ts'
import { medianOf } from '../tuning.ts'
import { beatPeriod } from './tempo.ts'

export interface TrackOptions {
  /** Frames per second. */
  frameRate: number
  /** Beats per minute that are taken for most likely. */
  startBpm: number
  /** How strongly beats keep to the tempo. */
  tightness: number
  /** Leave out weak beats at both ends. */
  trim: boolean
}

/**
 * `librosa.beat.beat_track(onset_envelope=…)`: the frames on which beats fall, ascending; none where nothing begins
 * (D. Ellis, Beat tracking by dynamic programming, J. New Music Research 36, 2007).
 */
export function trackBeats(envelope: Float64Array, { frameRate, startBpm, tightness, trim }: TrackOptions): number[] {
  if (!envelope.some(value => value > 0)) return []
  const period = beatPeriod(envelope, frameRate, startBpm)
  if (period === null) return []
  const local = localScore(standardised(envelope), period)
  const { backlink, total } = bestPredecessors(local, period, tightness)
  const beats: number[] = []
  for (let t = lastBeat(total); t >= 0; t = backlink[t]) beats.push(t)
  return trimmed(local, beats.reverse(), trim)
}

/** Divided by the standard deviation (n − 1). */
function standardised(envelope: Float64Array): Float64Array {
  const n = envelope.length
  const mean = envelope.reduce((sum, value) => sum + value, 0) / n
  const deviation = Math.sqrt(envelope.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1))
  return envelope.map(value => value / (deviation + Number.MIN_VALUE))
}

/** Smoothed by a Gaussian of a 32nd of the period. */
function localScore(envelope: Float64Array, period: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * period + 1 }, (_, i) =>
    Math.exp(-0.5 * (((i - period) * 32) / period) ** 2),
  )
  return envelope.map((_, t) => {
    let sum = 0
    // The frame that would be weighted last is left out, as librosa does.
    const end = Math.min(t + period, weights.length)
    for (let k = Math.max(0, t + period - envelope.length + 1); k < end; k++) {
      sum += weights[k] * envelope[t + period - k]
    }
    return sum
  })
}

/** For each frame the best beat before it, −1 if none, and the score of the chain that ends there. */
function bestPredecessors(local: Float64Array, period: number, tightness: number) {
  const backlink = new Int32Array(local.length)
  const total = new Float64Array(local.length)
  const least = 0.01 * local.reduce((a, b) => Math.max(a, b))
  const nearest = roundHalfEven(period / 2)
  let hasBegun = false
  for (let t = 0; t < local.length; t++) {
    let best = Number.NEGATIVE_INFINITY
    let before = -1
    for (let at = t - nearest; at >= Math.max(0, t - 2 * period); at--) {
      const score = total[at] - tightness * (Math.log(t - at) - Math.log(period)) ** 2
      if (score > best) {
        best = score
        before = at
      }
    }
    total[t] = before >= 0 ? local[t] + best : local[t]
    hasBegun ||= local[t] >= least
    backlink[t] = hasBegun ? before : -1
  }
  return { backlink, total }
}

/** The last local maximum of at least half the median of all. */
function lastBeat(total: Float64Array): number {
  const last = total.length - 1
  const isPeak = (t: number) => t > 0 && total[t] > total[t - 1] && (t === last || total[t] >= total[t + 1])
  const peaks = Array.from(total.keys()).filter(isPeak)
  if (peaks.length === 0) return last
  const least = 0.5 * medianOf(peaks.map(t => total[t]))
  return peaks.findLast(t => total[t] >= least) ?? last
}

/** The inner samples of a Hann window of five. */
const SMOOTHING = [0.5, 1, 0.5]

/** Without what is at most half the root mean square of the smoothed scores of all beats, at both ends; `trim` false: at most 0. */
function trimmed(local: Float64Array, beats: number[], trim: boolean): number[] {
  const scores = beats.map(t => local[t])
  const smooth = Array.from({ length: Math.min(beats.length + 2, local.length) }, (_, i) =>
    SMOOTHING.reduce((sum, weight, j) => sum + weight * (scores[i + 1 - j] ?? 0), 0),
  )
  const meanSquare = smooth.reduce((sum, value) => sum + value * value, 0) / smooth.length
  const threshold = trim ? 0.5 * Math.sqrt(meanSquare) : 0
  const first = local.findIndex(value => value > threshold)
  const last = local.findLastIndex(value => value > threshold)
  return first === -1 ? [] : beats.filter(t => t >= first && t <= last)
}
