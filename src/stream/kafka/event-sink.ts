import type { Clock } from '../../clock.ts'
import type { Service } from '../../lifecycle.ts'
import type { Logger } from '../../logger.ts'
import type { AuscultEvent } from '../../types.ts'
import { type Deferred, deferred } from '../deferred.ts'
import { type EventJson, numbered } from '../event-json.ts'
import type { EventStore, StoredText } from '../store/event-store.ts'
import { untilStored } from '../store/until-stored.ts'
import type { ComponentStatus, Sink } from '../telemetry.ts'
import type { KafkaSinkConfig } from './config.ts'
import { type Outgoing, SteadyProducer } from './steady-producer.ts'

/** What the sink needs of the event store. */
export type Outbox = Pick<EventStore, 'id' | 'last' | 'textsAfter' | 'cursor' | 'setCursor'>

export interface EventSinkOptions {
  readonly config: KafkaSinkConfig
  readonly topic: string
  readonly store: Outbox
  readonly clock: Clock
  readonly logger: Logger
  readonly env?: NodeJS.ProcessEnv
}

/** Events that are read from the store and sent at a time. */
const PAGE = 500

/**
 * Publishes events to a Kafka topic. It follows the store by number and keeps its place there, so that it needs no memory while
 * the brokers are away, and goes on where it was afterwards, also in the next process: nothing is lost, and the events of a source
 * stay in order. After a crash some may come twice, with the same `event_id`. What the store held before the topic was configured
 * is published first. The header `store` says whose numbers `seq` is of.
 */
export class EventSink implements Service, Sink {
  readonly name = 'kafka events'
  readonly wantsScores = false
  readonly #options: EventSinkOptions
  readonly #producer: SteadyProducer
  readonly #stopping = new AbortController()
  #cursor = 0
  #latest = 0
  #news: Deferred<void> = deferred()
  #running: Promise<void> | undefined

  constructor(options: EventSinkOptions) {
    this.#options = options
    this.#producer = new SteadyProducer(options)
  }

  /** Does not wait for the brokers. @throws AUSCULT_CONFIG, AUSCULT_INPUT_MISSING for secrets and files that are not there */
  async start(): Promise<void> {
    this.#producer.prepare()
    this.#cursor = (await this.#options.store.cursor(this.#cursorName)) ?? 0
    this.#running = this.#run()
  }

  /** Publishes what is left where the brokers take it. */
  async stop(deadline: number): Promise<void> {
    this.#stopping.abort()
    this.#news.resolve()
    await this.#producer.stop(deadline, this.#running ?? Promise.resolve())
    const left = this.#latest - this.#cursor
    if (left > 0)
      this.#options.logger.warn({ events: left }, 'stopped before Kafka took these; they are sent after the next start')
  }

  /** Events that are stored and not yet published. */
  get lag(): number {
    return Math.max(0, this.#options.store.last - this.#cursor)
  }

  score(): void {}

  event(_event: AuscultEvent, seq: number): void {
    this.#latest = seq
    this.#news.resolve()
  }

  status(): ComponentStatus {
    return this.#producer.status()
  }

  get #cursorName(): string {
    return `kafka/${this.#options.topic}`
  }

  async #run(): Promise<void> {
    try {
      await this.#producer.connect()
      await this.#follow()
    } catch {
      // Stopped while the brokers were away. The reason has been logged.
    }
  }

  async #follow(): Promise<void> {
    for (;;) {
      this.#news = deferred()
      const isLast = this.#stopping.signal.aborted
      const events = await this.#untilStored(() => this.#options.store.textsAfter(this.#cursor, PAGE))
      if (events.length > 0) {
        await this.#producer.send(events.map(event => messageOf(event, this.#options.store.id)))
        this.#cursor = events.at(-1)!.seq
        await this.#untilStored(() => this.#options.store.setCursor(this.#cursorName, this.#cursor))
      } else if (isLast) return
      else await this.#news.promise
    }
  }

  #untilStored<T>(work: () => Promise<T>): Promise<T> {
    const { clock, logger } = this.#options
    return untilStored(work, { clock, logger, signal: this.#stopping.signal })
  }
}

function messageOf({ seq, text }: StoredText, store: string): Outgoing {
  const event: EventJson = JSON.parse(text)
  return {
    key: 'episode' in event ? event.episode.source : event.source,
    value: numbered(seq, text),
    headers: { event_id: event.event_id, type: event.type, store },
  }
}
