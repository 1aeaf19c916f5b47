import { quantile } from '../calibration.ts'
import type { Calibration } from '../manifest.ts'

/** Scores this far below the calibration's median count as that far: a window of zeros would have no logarithm. */
const FLOOR = 1e-6
/** Calibration scores that hardly differ would make any change infinitely large. */
const LEAST_SPREAD = 0.01

/**
 * Scores are positive, skewed and differ by factors, so that levels are compared as logarithms. The calibration's median is the origin;
 * its spread is half the distance of its 16th and 84th percentile, a standard deviation where logarithms are normal.
 */
export class LogScale {
  readonly center: number
  readonly spread: number
  /** Mean logarithm of the calibration. */
  readonly mean: number
  readonly #floor: number

  constructor({ quantiles }: Pick<Calibration, 'quantiles'>) {
    const median = quantile(quantiles, 0.5)
    this.#floor = Math.max(Math.abs(median) * FLOOR, Number.MIN_VALUE * 2 ** 52)
    this.center = this.of(median)
    this.spread = Math.max(LEAST_SPREAD, (this.of(quantile(quantiles, 0.84)) - this.of(quantile(quantiles, 0.16))) / 2)
    this.mean = quantiles.reduce((sum, score) => sum + this.of(score), 0) / quantiles.length
  }

  /** ln score. */
  of(score: number): number {
    return Math.log(Math.max(score, this.#floor))
  }

  /** ln score, not farther than `limit` spreads from the calibration's median. */
  winsorized(score: number, limit: number): number {
    const reach = limit * this.spread
    return Math.min(this.center + reach, Math.max(this.center - reach, this.of(score)))
  }
}
