import type { Clock } from '../../clock.ts'
import { AuscultError } from '../../errors.ts'
import type { Service } from '../../lifecycle.ts'
import type { Logger } from '../../logger.ts'
import type { AuscultEvent, Episode } from '../../types.ts'
import { deferred } from '../deferred.ts'
import { episodeFromJson } from '../episode-json.ts'
import { eventFromJson } from '../event-json.ts'
import type { ComponentStatus } from '../telemetry.ts'
import type { StoreConfig } from './config.ts'
import type { EpisodeQuery } from './episode-query.ts'
import type { AuditQuery, EventQuery } from './event-query.ts'
import { GroupWriter } from './group-writer.ts'
import type { Calls, Extent, Opened } from './protocol.ts'
import { Retention } from './retention.ts'
import { rowOf } from './rows.ts'
import type { Searches } from './search.ts'
import { StoreThread } from './store-thread.ts'

export { type StoreConfig, storeSchema } from './config.ts'

export interface StoredEvent {
  readonly seq: number
  readonly event: AuscultEvent
}

/** An event as the JSON text that was stored, which does not hold its number. */
export interface StoredText {
  readonly seq: number
  readonly text: string
}

/** An episode in its latest state. `seq` is the number of the event that opened it. */
export type StoredEpisode = Episode & { readonly seq: number }

export interface EventFilter {
  readonly sources?: readonly string[]
}

const EMPTY: Extent = { first: 1, last: 0, bytes: 0 }
const STOP_MS = 10_000

/**
 * Where events become durable and get their numbers, before anybody hears of them: an SQLite database, in a thread of its own.
 *
 *     append ─▶ group writer ─▶ thread ─▶ write-ahead log ─▶ fsync ─▶ numbers
 *
 * Numbers rise by one from event to event and are never given again. Without a path the same database is in memory.
 */
export class EventStore implements Service {
  readonly name = 'store'
  /** Called with the seconds that a transaction took. */
  onWritten: (seconds: number) => void = () => {}
  readonly #config: StoreConfig
  readonly #logger: Logger
  readonly #writer: GroupWriter
  readonly #retention: Retention
  #thread: StoreThread | undefined
  #extent = EMPTY
  #id = ''
  #leftOpen: readonly Episode[] = []
  #turn: Promise<void> = Promise.resolve()

  constructor(config: StoreConfig, clock: Clock, logger: Logger) {
    this.#config = config
    this.#logger = logger
    this.#writer = new GroupWriter({
      path: config.path,
      clock,
      logger,
      ready: async () => (this.#thread?.alive ? this.#extent : this.#reopen()),
      write: async group => {
        const begun = performance.now()
        const extent = this.#reached(await this.#call('write', group))
        this.onWritten((performance.now() - begun) / 1000)
        return extent
      },
    })
    this.#retention = new Retention({
      ...config,
      clock,
      logger,
      trim: async limits => {
        const trimmed = await this.#call('trim', limits)
        this.#reached(trimmed)
        return trimmed
      },
    })
  }

  /** The latest number given; 0 before the first. */
  get last(): number {
    return this.#extent.last
  }

  /** The oldest number that is kept; `last + 1` when no event is. */
  get first(): number {
    return this.#extent.first
  }

  /** How much is kept. */
  get size(): { readonly events: number; readonly bytes: number } {
    const { first, last, bytes } = this.#extent
    return { events: last - first + 1, bytes }
  }

  /** Which store it is: numbers of another one mean other events. */
  get id(): string {
    return this.#id
  }

  /** @throws AUSCULT_STORE */
  async start(): Promise<void> {
    const { last, open } = await this.#open()
    this.#leftOpen = parseLines(open).flatMap(parseEpisode)
    this.#writer.start(last)
    this.#retention.start()
  }

  async stop(deadline = Date.now() + STOP_MS): Promise<void> {
    this.#retention.stop()
    await this.#writer.stop()
    await this.#thread?.close(deadline)
    this.#thread = undefined
  }

  status(): ComponentStatus {
    const { fault } = this.#writer
    if (fault !== undefined) return { ok: false, reason: fault }
    return { ok: this.#thread !== undefined, reason: this.#thread ? (this.#config.path ?? 'in memory') : 'not started' }
  }

  /**
   * Stores events, and with them values for `state` (undefined removes a key), in one transaction. Waits while the disk is full.
   * @returns the number of each event, once it is on the disk
   * @throws AUSCULT_STORE when the store stops before
   */
  append(events: readonly AuscultEvent[], state: Readonly<Record<string, unknown>> = {}): Promise<readonly number[]> {
    const values = Object.entries(state).map(([key, value]) => [key, JSON.stringify(value) ?? null] as const)
    if (events.length === 0 && values.length === 0) return Promise.resolve([])
    return this.#writer.write({ events: events.map(rowOf), state: values, cursors: [] })
  }

  /** The first `limit` events with a higher number, in order. */
  async after(seq: number, limit: number, filter?: EventFilter): Promise<StoredEvent[]> {
    return (await this.textsAfter(seq, limit, filter)).flatMap(parseEvent)
  }

  /** As `after`, for those who only pass the events on. */
  async textsAfter(seq: number, limit: number, { sources }: EventFilter = {}): Promise<StoredText[]> {
    return parseLines(await this.#call('page', seq, limit, sources))
  }

  /** Episodes in their latest state, by the number that opened them. */
  async episodes(query: EpisodeQuery): Promise<StoredEpisode[]> {
    return (await this.search('episodes', query)).flatMap(parseEpisode)
  }

  /** Events by their number. */
  async events(query: EventQuery): Promise<StoredEvent[]> {
    return (await this.search('events', query)).flatMap(parseEvent)
  }

  /** Decisions by their number. Retention does not touch them. */
  async audit(query: AuditQuery): Promise<StoredEvent[]> {
    return (await this.search('audit', query)).flatMap(parseEvent)
  }

  /**
   * What fits a query, as the texts that were stored: up to `limit`, the latest first, or from `after` on the oldest first. A search that takes
   * long lets writers go before it in between.
   */
  async search<K extends keyof Searches>(what: K, query: Searches[K]): Promise<StoredText[]> {
    const found: StoredText[] = []
    for (let rest: number | null | undefined; rest !== null && found.length < query.limit; ) {
      const place = rest === undefined ? {} : query.after === undefined ? { before: rest } : { after: rest }
      const page = await this.#inTurn('search', what, { ...query, ...place, limit: query.limit - found.length })
      for (const line of parseLines(page.lines)) found.push(line)
      rest = page.rest
    }
    return found
  }

  /** An episode in its latest state; undefined when there is none of this id. */
  async episode(id: string): Promise<StoredEpisode | undefined> {
    return parseLines(await this.#call('episode', id)).flatMap(parseEpisode)[0]
  }

  /** Episodes that an earlier process left open, oldest first. Known after the start. */
  leftOpen(): readonly Episode[] {
    return this.#leftOpen
  }

  /** How far a follower of the store has come; undefined when it has never said so. */
  cursor(name: string): Promise<number | undefined> {
    return this.#call('cursor', name)
  }

  /** Resolves when it is durable. */
  async setCursor(name: string, seq: number): Promise<void> {
    await this.#writer.write({ events: [], state: [], cursors: [[name, seq]] })
  }

  /** What was put under a key; undefined when nothing was. @throws AUSCULT_STATE when it is not JSON */
  async state(key: string): Promise<unknown> {
    const text = await this.stateText(key)
    return text === undefined ? undefined : this.#parseState(key, text)
  }

  /** The same as it is stored, for those who keep what they cannot use. */
  stateText(key: string): Promise<string | undefined> {
    return this.#call('state', key)
  }

  /** What was put under keys that begin so, by key in their order. @throws AUSCULT_STATE when one is not JSON */
  async states(prefix: string): Promise<Map<string, unknown>> {
    const pairs: [string, string][] = JSON.parse(await this.#call('states', prefix))
    return new Map(pairs.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, text]) => [key, this.#parseState(key, text)]))
  }

  /** Keeps a value of JSON under a key; undefined removes it. Resolves when it is durable. */
  async putState(key: string, value: unknown): Promise<void> {
    await this.append([], { [key]: value })
  }

  /** Deletes what is too old or too much, which happens by itself from time to time. */
  trim(): Promise<void> {
    return this.#retention.trim()
  }

  #parseState(key: string, text: string): unknown {
    try {
      return JSON.parse(text)
    } catch (cause) {
      const remedy = `Nothing of it is used. To begin anew: sqlite3 ${this.#config.path} "DELETE FROM state WHERE key = '${key}'"`
      throw new AuscultError('AUSCULT_STATE', 'a saved state is not JSON', {
        at: `${this.#config.path}: ${key}`,
        cause,
        remedy,
      })
    }
  }

  async #open(): Promise<Opened> {
    const thread = new StoreThread(this.#config.path)
    const opened = await thread.open(this.last)
    thread.onDeath = () => this.#writer.wake()
    this.#thread = thread
    this.#id = opened.id
    this.#reached(opened)
    return opened
  }

  async #reopen(): Promise<Extent> {
    if (!this.#thread) throw new AuscultError('AUSCULT_STORE', 'the event store has not been started')
    this.#logger.warn({ path: this.#config.path }, 'the event store is opened again')
    return this.#open()
  }

  #reached({ first, last, bytes }: Extent): Extent {
    this.#extent = { first, last, bytes }
    this.#retention.grown(bytes)
    return this.#extent
  }

  /** One such call at a time: a writer waits for one of them at most. */
  async #inTurn<K extends keyof Calls>(method: K, ...args: Parameters<Calls[K]>): Promise<ReturnType<Calls[K]>> {
    const before = this.#turn
    const done = deferred<void>()
    this.#turn = done.promise
    try {
      await before
      return await this.#call(method, ...args)
    } finally {
      done.resolve()
    }
  }

  #call<K extends keyof Calls>(method: K, ...args: Parameters<Calls[K]>): Promise<ReturnType<Calls[K]>> {
    if (this.#thread) return this.#thread.call(method, ...args)
    return Promise.reject(new AuscultError('AUSCULT_STORE', 'the event store is not open', { canRetry: true }))
  }
}

function parseEvent({ seq, text }: StoredText): StoredEvent[] {
  const event = eventFromJson(JSON.parse(text))
  return event ? [{ seq, event }] : []
}

function parseEpisode({ seq, text }: StoredText): StoredEpisode[] {
  const episode = episodeFromJson(JSON.parse(text))
  return episode ? [{ ...episode, seq }] : []
}

/** Lines of `number text`. */
function parseLines(lines: string): StoredText[] {
  if (lines === '') return []
  return lines.split('\n').map(line => {
    const space = line.indexOf(' ')
    return { seq: Number(line.slice(0, space)), text: line.slice(space + 1) }
  })
}
