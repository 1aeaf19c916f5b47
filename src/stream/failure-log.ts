import { messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'

const QUIET_MS = 10_000

/** Logs the first of equal failures at once and then at most one line in 10 s with their number. */
export class FailureLog {
  readonly #logger: Logger
  readonly #now: () => number
  readonly #entries = new Map<string, { since: number; windows: number }>()

  constructor(logger: Logger, now: () => number) {
    this.#logger = logger
    this.#now = now
  }

  report(source: string, reason: string, windows: number, at: string, error: unknown): void {
    const key = `${source}\n${reason}`
    const entry = this.#entries.get(key) ?? { since: Number.NEGATIVE_INFINITY, windows: 0 }
    entry.windows += windows
    this.#entries.set(key, entry)
    if (this.#now() - entry.since < QUIET_MS) return
    this.#logger.warn({ source, reason, windows: entry.windows, at, error: messageOf(error) }, 'windows failed')
    entry.windows = 0
    entry.since = this.#now()
  }
}
