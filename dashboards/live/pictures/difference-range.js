import { differenceBound } from './heatmap.js'

/** Differences are drawn up to so many times what is usual where nothing is wrong. */
const ROOM = 2.5
const FADE = 0.05
/** Least part of the range of the values: what is smaller is no difference to the eye. */
const LEAST = 0.02
const NICE = [1, 1.5, 2, 3, 4, 5, 6, 8, 10]

/**
 * The bound of differences: a round number a few times as large as usual differences of normal windows are, so that these stay pale and others
 * stand out. Changes seldom.
 */
export class DifferenceRange {
  bound = undefined
  #usual = undefined
  #isNormal = false

  /** @returns whether the bound changed */
  take(differences, isAnomalous, span) {
    const extent = differenceBound(differences, 0.98)
    if (this.#usual === undefined || (!isAnomalous && !this.#isNormal)) this.#usual = extent
    else if (isAnomalous === !this.#isNormal) this.#usual += FADE * (extent - this.#usual)
    this.#isNormal ||= !isAnomalous
    // No difference is larger than the range of the values.
    const wanted = Math.min(span, Math.max(ROOM * this.#usual, LEAST * span))
    if (this.bound !== undefined && wanted <= this.bound && wanted > 0.3 * this.bound) return false
    const before = this.bound
    this.bound = nice(wanted)
    return this.bound !== before
  }
}

/** The round number that is not smaller. */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value))
  return NICE.find(step => step * power >= value * 0.999) * power
}
