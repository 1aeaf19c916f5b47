import { digestOf } from '../digest.ts'
import { AuscultError } from '../errors.ts'
import type { Calibration } from './manifest.ts'

const QUANTILES = 1001
/** Largest gamma shape that is reported: scores that are all but equal have no finite maximum-likelihood shape. */
const MAX_GAMMA_SHAPE = 1e6

/**
 * Summary of the scores of held-out normal windows, from which thresholds are resolved.
 * @param scores `[n]`, n ≥ 1, finite and not negative
 * @throws AUSCULT_TRAINING when there is no score or one is not finite
 */
export function calibrate(scores: ArrayLike<number>): Calibration {
  const sorted = Float64Array.from(scores).sort()
  const count = sorted.length
  if (count === 0 || !sorted.every(Number.isFinite)) {
    throw new AuscultError('AUSCULT_TRAINING', count ? 'a calibration score is not finite' : 'no calibration windows', {
      remedy: 'Give more recordings, or a larger split.calibration; lower training.learning_rate if the loss diverged.',
    })
  }
  const mean = sorted.reduce((sum, x) => sum + x, 0) / count
  const std = Math.sqrt(sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count)
  const quantiles = Array.from({ length: QUANTILES }, (_, i) => quantile(sorted, i / (QUANTILES - 1)))
  return { count, mean, std, quantiles, gamma: fitGamma(sorted) }
}

const fingerprints = new WeakMap<Calibration, string>()

/** Names the content of a calibration: what was learnt under one does not hold under another. */
export function fingerprint(calibration: Calibration): string {
  const known = fingerprints.get(calibration)
  if (known !== undefined) return known
  const { count, mean, std, quantiles, gamma } = calibration
  const made = digestOf([count, mean, std, quantiles, gamma.shape, gamma.scale])
  fingerprints.set(calibration, made)
  return made
}

/**
 * Quantile with linear interpolation between order statistics (numpy's default, type 7 of Hyndman and Fan 1996).
 * @param sorted ascending, n ≥ 1; evenly spaced quantiles of a distribution will do
 * @param q 0…1
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const position = q * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}

/**
 * Maximum-likelihood gamma distribution with location 0 (scipy's `gamma.fit(x, floc=0)`): Newton's method on
 * ln k − ψ(k) = ln mean − mean ln, started at Minka's closed form (2002). Zeros count as the smallest normal number.
 */
export function fitGamma(values: ArrayLike<number>): { shape: number; scale: number } {
  let sum = 0
  let logs = 0
  for (let i = 0; i < values.length; i++) {
    const x = Math.max(values[i], Number.MIN_VALUE * 2 ** 52)
    sum += x
    logs += Math.log(x)
  }
  const mean = sum / values.length
  const s = Math.log(mean) - logs / values.length
  if (!(s > 0.5 / MAX_GAMMA_SHAPE)) return { shape: MAX_GAMMA_SHAPE, scale: mean / MAX_GAMMA_SHAPE }
  let k = (3 - s + Math.sqrt((s - 3) ** 2 + 24 * s)) / (12 * s)
  for (let i = 0; i < 50; i++) {
    const next = 1 / (1 / k + (Math.log(k) - digamma(k) - s) / (k ** 2 * (1 / k - trigamma(k))))
    const done = Math.abs(next - k) <= 1e-12 * k
    k = next
    if (done) break
  }
  return { shape: k, scale: mean / k }
}

/** ψ(x) for x > 0: recurrence up to 10, then the asymptotic series (Abramowitz and Stegun 6.3.18). */
function digamma(x: number): number {
  let shift = 0
  let y = x
  for (; y < 10; y++) shift -= 1 / y
  const r = 1 / y ** 2
  return shift + Math.log(y) - 0.5 / y - r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r / 132))))
}

/** ψ′(x) for x > 0: recurrence up to 10, then the asymptotic series (Abramowitz and Stegun 6.4.12). */
function trigamma(x: number): number {
  let shift = 0
  let y = x
  for (; y < 10; y++) shift += 1 / y ** 2
  const r = 1 / y ** 2
  return shift + 1 / y + r / 2 + (r / y) * (1 / 6 - r * (1 / 30 - r * (1 / 42 - r * (1 / 30 - (r * 5) / 66))))
}
