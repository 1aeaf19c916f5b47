/** A half of the span is this many stretches long. */
const HALF = 3

/**
 * Compares the samples that arrive with the time that passes. Arrivals are late by anything from nothing to seconds, but never early: of
 * each stretch of time the promptest arrival counts, so that neither chunks, buffers that fill at the start, nor a busy process pass for another rate.
 * A rate is wrong when both halves of the span say so: sound that was lost once lies in one of them.
 */
export class RateMonitor {
  readonly #rate: number
  readonly #tolerance: number
  readonly #stretchMs: number
  /** Of the last stretches, oldest first: when the promptest arrival was, and how late it was, ms. */
  readonly #times: number[] = []
  readonly #delays: number[] = []
  #samples = 0
  #end = Number.NaN
  #bestTime = 0
  #bestDelay = Number.POSITIVE_INFINITY
  #wrong = false

  /**
   * @param rate samples per second as they should be
   * @param tolerance relative
   * @param seconds span of a measurement
   */
  constructor(rate: number, tolerance: number, seconds: number) {
    this.#rate = rate
    this.#tolerance = tolerance
    this.#stretchMs = (seconds * 1000) / (2 * HALF)
  }

  /**
   * So many samples arrived at `now`, ms of a clock that does not go back.
   * @returns the measured rate when it became wrong, null when it is right again, undefined when nothing changed
   */
  push(samples: number, now: number): number | null | undefined {
    if (Number.isNaN(this.#end)) this.#end = now + this.#stretchMs
    const change = now < this.#end ? undefined : this.#close(now)
    this.#samples += samples
    const delay = now - (this.#samples / this.#rate) * 1000
    if (delay < this.#bestDelay) {
      this.#bestDelay = delay
      this.#bestTime = now
    }
    return change
  }

  /** Begins anew, after samples were lost or the clock stood. Whether the rate is wrong stays as it is until it is measured again. */
  reset(): void {
    this.#times.length = 0
    this.#delays.length = 0
    this.#samples = 0
    this.#end = Number.NaN
    this.#bestDelay = Number.POSITIVE_INFINITY
  }

  #close(now: number): number | null | undefined {
    const silentFor = now - this.#end
    this.#times.push(this.#bestTime)
    this.#delays.push(this.#bestDelay)
    this.#bestDelay = Number.POSITIVE_INFINITY
    this.#end += this.#stretchMs
    if (silentFor >= this.#stretchMs) {
      this.reset()
      this.#end = now + this.#stretchMs
      return undefined
    }
    if (this.#times.length > 2 * HALF + 1) {
      this.#times.shift()
      this.#delays.shift()
    }
    return this.#times.length > 2 * HALF ? this.#judge() : undefined
  }

  #judge(): number | null | undefined {
    const first = this.#error(0, HALF)
    const second = this.#error(HALF, 2 * HALF)
    const least = Math.sign(first) === Math.sign(second) ? Math.min(Math.abs(first), Math.abs(second)) : 0
    if (!this.#wrong && least > this.#tolerance) {
      this.#wrong = true
      return this.#rate * (1 + this.#error(0, 2 * HALF))
    }
    if (this.#wrong && Math.max(Math.abs(first), Math.abs(second)) < this.#tolerance / 2) {
      this.#wrong = false
      return null
    }
    return undefined
  }

  /** By how much the rate was off between two stretches, relative. */
  #error(from: number, to: number): number {
    return (this.#delays[from] - this.#delays[to]) / (this.#times[to] - this.#times[from])
  }
}
