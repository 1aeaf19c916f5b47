/** Arrivals are judged over stretches of so long, ms. */
const STRETCH = 3000
/** After a pause of so long a stretch begins anew, because what waited arrives late, ms. */
const PAUSE = 500
/** Times are off by more than this before they are set anew, ms. */
const TOLERANCE = 100
/** Being late by so much at once means that sound was lost, ms. */
const LOSS = 500

/**
 * When a sample was captured, from when samples arrive. Arrivals are late by buffers and scheduling, but never early, so that the promptest ones tell
 * the time. Between them time advances by the count of samples. It is set anew when it is off by more than 0.1 s, because the device's clock runs
 * otherwise than the computer's or the computer's was set. Being half a second late for three seconds, all of a sudden, is a loss.
 */
export class CaptureClock {
  readonly #rate: number
  /** That arrived or were lost. */
  #samples = 0
  /** Time of sample 0, on the clock that does not go back. */
  #start = Number.NaN
  /** From that clock to milliseconds since the epoch. */
  #epoch = Number.NaN
  #promptest = Number.POSITIVE_INFINITY
  #stretchEnd = 0
  #last = 0

  /** @param rate samples per second */
  constructor(rate: number) {
    this.#rate = rate
  }

  /**
   * So many samples have arrived.
   * @param now ms of a clock that does not go back
   * @param wall ms since the epoch
   * @returns samples that were lost shortly before these; they count as if they had arrived
   */
  push(samples: number, now: number, wall: number): number {
    this.#samples += samples
    if (!(Math.abs(wall - now - this.#epoch) <= TOLERANCE)) this.#epoch = wall - now
    const start = now - (this.#samples / this.#rate) * 1000
    // A sample cannot arrive before it was captured.
    if (!(start >= this.#start - TOLERANCE)) this.#start = start
    if (now - this.#last > PAUSE) this.#begin(now)
    this.#last = now
    this.#promptest = Math.min(this.#promptest, start)
    if (now < this.#stretchEnd) return 0
    const late = this.#promptest - this.#start
    this.#begin(now)
    if (late > LOSS) {
      const lost = Math.round((late / 1000) * this.#rate)
      this.#samples += lost
      return lost
    }
    if (late > TOLERANCE) this.#start += late
    return 0
  }

  /** Milliseconds since the epoch at which sample `position` was captured. */
  timeAt(position: number): number {
    return this.#start + (position / this.#rate) * 1000 + this.#epoch
  }

  #begin(now: number): void {
    this.#promptest = Number.POSITIVE_INFINITY
    this.#stretchEnd = now + STRETCH
  }
}
