/** How long to wait between attempts, and when to stop hurrying. */
export interface RetryPolicy {
  /** Wait after the first failure, ms. It doubles with each one that follows. */
  readonly firstMs: number
  /** Longest wait, ms. */
  readonly lastMs: number
  /** More than `limit` failures within `withinMs` are a storm: the waits are `pauseMs` then, whatever succeeded in between. */
  readonly storm?: { readonly limit: number; readonly withinMs: number; readonly pauseMs: number }
}

export interface Wait {
  /** Milliseconds to wait before the next attempt. */
  readonly ms: number
  /** Failures since the last success, from 1. */
  readonly failures: number
  /** Whether there were too many failures in a short time. */
  readonly storm: boolean
}

/**
 * Exponential back-off with equal jitter (M. Brooker, "Exponential Backoff And Jitter", 2015): a wait lies uniformly between half of
 * `firstMs · 2^(failures − 1)`, or of `lastMs` where that is less, and the whole of it, so that what failed together is not tried again together.
 */
export class Retry {
  readonly #policy: RetryPolicy
  readonly #random: () => number
  #failures = 0
  /** Times of the last failures, `storm.limit + 1` at most. */
  readonly #recent: number[] = []

  /** @param random uniform in [0, 1) */
  constructor(policy: RetryPolicy, random: () => number = Math.random) {
    this.#policy = policy
    this.#random = random
  }

  /** An attempt failed at `now`, in ms of any clock that does not go back. */
  failed(now: number): Wait {
    const { firstMs, lastMs } = this.#policy
    this.#failures++
    const pauseMs = this.#stormPause(now)
    const whole = pauseMs ?? Math.min(lastMs, firstMs * 2 ** Math.min(this.#failures - 1, 64))
    return { ms: whole * (0.5 + this.#random() / 2), failures: this.#failures, storm: pauseMs !== undefined }
  }

  /** It works again: the next failure is the first. A storm is not forgotten. */
  succeeded(): void {
    this.#failures = 0
  }

  #stormPause(now: number): number | undefined {
    const { storm } = this.#policy
    if (!storm) return undefined
    this.#recent.push(now)
    if (this.#recent.length > storm.limit + 1) this.#recent.shift()
    const isStorm = this.#recent.length > storm.limit && now - this.#recent[0] < storm.withinMs
    return isStorm ? storm.pauseMs : undefined
  }
}
