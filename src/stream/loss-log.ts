import { messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'

const QUIET_MS = 10_000

interface Loss {
  readonly source: string
  readonly reason: string
  since: number
  windows: number
}

/** Logs the first of equal losses at once and then at most one line in 10 s with their number. */
export class LossLog {
  readonly #logger: Logger
  readonly #now: () => number
  readonly #losses = new Map<string, Loss>()

  constructor(logger: Logger, now: () => number) {
    this.#logger = logger
    this.#now = now
  }

  failed(source: string, reason: string, windows: number, at: string, error: unknown): void {
    this.#report('failed', source, reason, windows, { at, error: messageOf(error) })
  }

  dropped(source: string, reason: string, windows: number, at: string): void {
    this.#report('dropped', source, reason, windows, { at })
  }

  /** Says what has not been said yet. */
  flush(): void {
    for (const [key, { source, reason, windows }] of this.#losses) {
      if (windows > 0) this.#logger.warn({ source, reason, windows }, `windows ${key.split('\n', 1)[0]}`)
    }
    this.#losses.clear()
  }

  #report(outcome: 'failed' | 'dropped', source: string, reason: string, windows: number, details: object): void {
    const key = `${outcome}\n${source}\n${reason}`
    const loss = this.#losses.get(key) ?? { source, reason, since: Number.NEGATIVE_INFINITY, windows: 0 }
    loss.windows += windows
    this.#losses.set(key, loss)
    if (this.#now() - loss.since < QUIET_MS) return
    this.#logger.warn({ source, reason, windows: loss.windows, ...details }, `windows ${outcome}`)
    loss.windows = 0
    loss.since = this.#now()
  }
}
