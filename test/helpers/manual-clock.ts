import type { Clock } from '../../src/clock.ts'

interface Sleeper {
  readonly at: number
  wake(): void
}

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #now: number
  #sleepers: Sleeper[] = []

  constructor(now = 1_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { at: this.#now + ms, wake: resolve }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter(other => other !== sleeper)
        reject(signal.reason)
      })
    })
  }

  /** Moves on, waking whoever slept until then, and lets them do what they do. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const next = this.#sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#now = Math.max(this.#now, next.at)
      this.#sleepers = this.#sleepers.filter(other => other !== next)
      next.wake()
      await settled()
    }
    this.#now = end
  }
}

const settled = () => new Promise(resolve => setTimeout(resolve, 5))
