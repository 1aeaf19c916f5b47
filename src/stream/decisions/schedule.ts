import type { Clock } from '../../clock.ts'
import { z } from '../../config.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import type { EventStore } from '../store/event-store.ts'
import { Alarm } from './alarm.ts'
import type { Publish } from './register.ts'
import type { Recalibrated } from './types.ts'

export interface ScheduleOptions {
  /** Null: never. */
  readonly everyHours: number | null
  readonly store: Pick<EventStore, 'state'>
  readonly publish: Publish
  readonly sources: () => readonly string[]
  readonly recalibrate: (source: string) => Promise<Recalibrated>
  readonly clock: Clock
  readonly logger: Logger
}

const KEY = 'decisions/schedule'
const HOUR_MS = 3_600_000
const savedSchema = z.strictObject({ version: z.literal(1), last: z.number() })

/** Calibrates all sources anew from time to time. The time of the last round is kept, so that restarts do not put the next one off. */
export class Schedule {
  readonly #options: ScheduleOptions
  readonly #alarm: Alarm
  #stopped = false

  constructor(options: ScheduleOptions) {
    this.#options = options
    this.#alarm = new Alarm(options.clock, () => void this.#round())
  }

  async start(): Promise<void> {
    const { everyHours, store, clock } = this.#options
    if (everyHours === null) return
    const { data } = savedSchema.safeParse(await store.state(KEY).catch(() => undefined))
    const last = data ? Math.min(data.last, clock.now()) : await this.#begin()
    this.#alarm.set(last + everyHours * HOUR_MS)
  }

  stop(): void {
    this.#stopped = true
    this.#alarm.set(Number.POSITIVE_INFINITY)
  }

  async #begin(): Promise<number> {
    const last = this.#options.clock.now()
    await this.#options.publish([], { [KEY]: { version: 1, last } })
    return last
  }

  async #round(): Promise<void> {
    const { everyHours, sources, recalibrate, logger } = this.#options
    try {
      const last = await this.#begin()
      for (const source of sources()) {
        if (this.#stopped) return
        await recalibrate(source).catch(error => {
          if (!(error instanceof AuscultError) || error.code === 'AUSCULT_STORE') throw error
          logger.info({ source, code: error.code, reason: error.message }, 'was not calibrated anew')
        })
      }
      if (!this.#stopped) this.#alarm.set(last + (everyHours ?? Number.POSITIVE_INFINITY) * HOUR_MS)
    } catch (error) {
      if (!this.#stopped) logger.error({ error: messageOf(error) }, 'scheduled recalibration broke off')
    }
  }
}
