import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import type { StoreConfig } from './config.ts'
import type { TrimLimits, Trimmed } from './protocol.ts'

export interface RetentionOptions extends StoreConfig {
  readonly clock: Clock
  readonly logger: Logger
  /** Deletes a few of the oldest events that are beyond the limits. */
  trim(limits: TrimLimits): Promise<Trimmed>
}

const CHECK_MS = 60_000
const DAY_MS = 86_400_000
const MEGABYTE = 1e6
const MOST_MEMORY_MB = 64

/** Deletes the oldest events by age and by size, a few at a time, so that those who append need not wait for it. */
export class Retention {
  readonly #options: RetentionOptions
  readonly #bytes: number | null
  readonly #warned = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #trimming: Promise<void> | undefined
  #stopped = false

  constructor(options: RetentionOptions) {
    this.#options = options
    const { path, max_mb } = options
    const megabytes = path === null ? Math.min(max_mb ?? MOST_MEMORY_MB, MOST_MEMORY_MB) : max_mb
    this.#bytes = megabytes === null ? null : megabytes * MEGABYTE
  }

  start(): void {
    this.#timer = setInterval(() => void this.trim(), CHECK_MS).unref()
    void this.trim()
  }

  stop(): void {
    this.#stopped = true
    clearInterval(this.#timer)
  }

  /** Told after every write, so that a burst of events is bounded at once. */
  grown(bytes: number): void {
    if (this.#bytes !== null && bytes > this.#bytes) void this.trim()
  }

  /** Resolves when nothing is left that should go. */
  trim(): Promise<void> {
    this.#trimming ??= this.#trim().finally(() => {
      this.#trimming = undefined
    })
    return this.#trimming
  }

  async #trim(): Promise<void> {
    const { retention_days: days, clock, trim, logger } = this.#options
    const limits = { before: days === null ? null : clock.now() - days * DAY_MS, bytes: this.#bytes }
    try {
      let deleted = 0
      for (let more = true; more && !this.#stopped; ) {
        const trimmed = await trim(limits)
        more = trimmed.more
        deleted += trimmed.deleted
        for (const name of trimmed.overtaken) this.#warn(name, trimmed.first)
      }
      if (deleted > 0) logger.debug({ events: deleted }, 'old events were deleted')
    } catch (error) {
      // Said by whoever writes; a full disk cannot delete either.
      if (!this.#stopped) logger.debug({ error: messageOf(error) }, 'old events could not be deleted')
    }
  }

  #warn(reader: string, first: number): void {
    if (this.#warned.has(reader)) return
    this.#warned.add(reader)
    this.#options.logger.warn({ reader, first }, 'events were deleted that this reader had not read')
  }
}
