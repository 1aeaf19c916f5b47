import type { Clock } from '../../clock.ts'

/** Timers hold no more than 2³¹ ms. */
const LONGEST_MS = 86_400_000

/** Rings once at a time that may be moved. */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #sleep: AbortController | undefined

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** @param at ms since the epoch, instead of the time that was set before; Infinity: never */
  set(at: number): void {
    this.#sleep?.abort()
    this.#sleep = undefined
    if (at === Number.POSITIVE_INFINITY) return
    const sleep = new AbortController()
    this.#sleep = sleep
    const left = Math.max(0, at - this.#clock.now())
    this.#clock.sleep(Math.min(left, LONGEST_MS), sleep.signal).then(
      () => {
        if (sleep.signal.aborted) return
        if (this.#clock.now() < at) this.set(at)
        else this.#ring()
      },
      () => {},
    )
  }
}
