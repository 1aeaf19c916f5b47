import type { Logger } from '../logger.ts'
import type { AuscultEvent, Delivery, Episode, Score } from '../types.ts'
import type { EventStore } from './store/event-store.ts'
import type { Analyst, ScoreLog, Sink, Telemetry } from './telemetry.ts'

export interface PublisherOptions {
  readonly store: Pick<EventStore, 'append'>
  readonly scoreLog?: ScoreLog
  readonly sinks: readonly Sink[]
  readonly analysts: readonly Analyst[]
  readonly telemetry: Pick<Telemetry, 'stage'>
  /** Told of each episode as it is to be stored. */
  readonly onEpisode: (episode: Episode) => void
  readonly logger: Logger
  /** Called when `full` may have turned false. */
  readonly onRoom: () => void
}

/** Batches whose outcome waits for the disk. Above this many nothing is scored, so that a full disk holds the sources back. */
const UNDURABLE_LIMIT = 32

/**
 * The end of a window's way: analysts complete its events, events and score become durable, then the sinks are told, and the window is
 * acknowledged.
 */
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

  /** Whether the events, with what analysts know of them, are durable; sinks know them then. */
  async store(events: readonly AuscultEvent[]): Promise<boolean> {
    if (events.length === 0) return true
    try {
      // Completed before the first wait: what analysts know changes with the next window.
      await this.append(
        events.map(event => this.#complete(event)),
        this.#state(),
      )
      return true
    } catch (error) {
      const lost = events.map(event => event.eventId)
      const message = 'events could not be stored; their windows may be delivered again'
      this.#options.logger.error({ events: lost, error: String(error) }, message)
      return false
    }
  }

  /** Stores events as they are, with values of state, then tells the sinks. @throws AUSCULT_STORE */
  async append(events: readonly AuscultEvent[], state: Readonly<Record<string, unknown>>): Promise<readonly number[]> {
    const { store, sinks, telemetry } = this.#options
    const begun = performance.now()
    const numbers = await store.append(events, state)
    const durable = performance.now()
    for (const [i, event] of events.entries()) for (const sink of sinks) sink.event(event, numbers[i])
    if (events.length > 0) {
      telemetry.stage('store', (durable - begun) / 1000, events.length)
      telemetry.stage('deliver', (performance.now() - durable) / 1000, events.length)
    }
    return numbers
  }

  #complete(event: AuscultEvent): AuscultEvent {
    if (!('episode' in event)) return event
    const complete = this.#options.analysts.reduce((known, analyst) => analyst.complete(known), event)
    this.#options.onEpisode(complete.episode)
    return complete
  }

  #state(): Record<string, unknown> {
    return Object.assign({}, ...this.#options.analysts.map(analyst => analyst.state?.()))
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
