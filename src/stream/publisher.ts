import type { Logger } from '../logger.ts'
import type { AuscultEvent, Delivery, Score } from '../types.ts'
import type { EventStore } from './store/event-store.ts'
import type { ScoreLog, Sink } from './telemetry.ts'

export interface PublisherOptions {
  readonly store: Pick<EventStore, 'append'>
  readonly scoreLog?: ScoreLog
  readonly sinks: readonly Sink[]
  readonly logger: Logger
  /** Called when `full` may have turned false. */
  readonly onRoom: () => void
}

/** Batches whose outcome waits for the disk. Above this many nothing is scored, so that a full disk holds the sources back. */
const UNDURABLE_LIMIT = 32

/** The end of a window's way: its events and its score become durable, then the sinks are told, and the window is acknowledged. */
export class Publisher {
  readonly #options: PublisherOptions
  #undurable = 0

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  get full(): boolean {
    return this.#undurable >= UNDURABLE_LIMIT
  }

  /** Whether `scores` of `publish` are kept at all. */
  get keepsScores(): boolean {
    return this.#options.scoreLog !== undefined
  }

  /** Acknowledges the windows once events and scores are durable. Those that cannot be stay without an acknowledgement. */
  publish(events: readonly AuscultEvent[], scores: readonly Score[], decided: readonly Delivery[]): void {
    if (events.length === 0 && scores.length === 0) {
      for (const delivery of decided) delivery.ack()
      return
    }
    this.#undurable++
    void Promise.all([this.store(events), this.#log(scores)]).then(([stored, logged]) => {
      this.#undurable--
      if (stored && logged) for (const delivery of decided) delivery.ack()
      this.#options.onRoom()
    })
  }

  /** Whether the events are durable; sinks know them then. */
  async store(events: readonly AuscultEvent[]): Promise<boolean> {
    if (events.length === 0) return true
    const { store, sinks, logger } = this.#options
    let numbers: readonly number[]
    try {
      numbers = await store.append(events)
    } catch (error) {
      const lost = events.map(event => event.eventId)
      const message = 'events could not be stored; their windows may be delivered again'
      logger.error({ events: lost, error: String(error) }, message)
      return false
    }
    for (const [i, event] of events.entries()) for (const sink of sinks) sink.event(event, numbers[i])
    return true
  }

  async #log(scores: readonly Score[]): Promise<boolean> {
    const { scoreLog, logger } = this.#options
    if (!scoreLog || scores.length === 0) return true
    try {
      await scoreLog.write(scores)
      return true
    } catch (error) {
      const message = 'scores could not be kept; their windows may be delivered again'
      logger.error({ windows: scores.length, error: String(error) }, message)
      return false
    }
  }
}
