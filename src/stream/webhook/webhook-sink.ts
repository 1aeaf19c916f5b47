import type { Clock } from '../../clock.ts'
import { messageOf as textOf } from '../../errors.ts'
import type { Service } from '../../lifecycle.ts'
import type { Logger } from '../../logger.ts'
import { Retry } from '../../retry.ts'
import type { AuscultEvent } from '../../types.ts'
import { type Deferred, deferred } from '../deferred.ts'
import type { EventJson } from '../event-json.ts'
import type { EventStore, StoredText } from '../store/event-store.ts'
import { untilStored } from '../store/until-stored.ts'
import type { ComponentStatus, Sink } from '../telemetry.ts'
import type { WebhookConfig } from './config.ts'
import { isWanted, type Message, messageOf, type Surroundings, testMessage } from './message.ts'
import { Target } from './target.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** What a webhook needs of the event store. */
export type WebhookOutbox = Pick<EventStore, 'id' | 'last' | 'textsAfter' | 'cursor' | 'setCursor'>

export interface WebhookOptions {
  readonly name: string
  readonly config: WebhookConfig
  readonly store: WebhookOutbox
  /** Where people reach the page; null: messages have no link. */
  readonly publicUrl: string | null
  readonly clock: Clock
  readonly logger: Logger
  readonly env?: NodeJS.ProcessEnv
  /** Uniform in [0, 1). */
  readonly random?: () => number
}

/** What came of trying a receiver. */
export interface Tried {
  readonly delivered: boolean
  /** What was answered, or why nothing was. */
  readonly reason: string
  readonly seconds: number
}

/** Attempts by what came of them: `failed` is tried again, `refused` and `given_up` are not. */
type Outcome = 'delivered' | 'failed' | 'refused' | 'given_up'

/** Events that are read from the store at a time. */
const PAGE = 100
/** Events that nobody wants are passed over; so many at most are looked at again after a crash. */
const CURSOR_EVENTS = 1000
/** A receiver may be away for so long before the daemon calls itself not ready. */
const TOLERATED_MS = 60_000
/** So long a stop waits for an answer. */
const LAST_MS = 3000

/**
 * Tells a receiver of events, one at a time and in order. It follows the store by number and keeps its place there: while the receiver
 * is away nothing is kept in memory, and afterwards, also in the next process, it goes on where it was. After a crash the latest event
 * may come twice, with the same id. A webhook that is new begins with what happens from then on.
 */
export class WebhookSink implements Service, Sink {
  readonly name: string
  readonly wantsScores = false
  readonly #options: WebhookOptions
  readonly #retry: Retry
  readonly #stopping = new AbortController()
  readonly #cut = new AbortController()
  readonly #outcomes: Record<Outcome, number> = { delivered: 0, failed: 0, refused: 0, given_up: 0 }
  #target: Target | undefined
  /** Number of the last event that is dealt with, and of the one that the store has noted. */
  #position = 0
  #noted = 0
  #latest = 0
  #news: Deferred<void> = deferred()
  #running: Promise<void> | undefined
  #fault: { readonly reason: string; readonly since: number } | undefined
  #isGone = false

  constructor(options: WebhookOptions) {
    this.name = `webhook ${options.name}`
    this.#options = options
    const { first_seconds, last_seconds } = options.config.retry
    this.#retry = new Retry({ firstMs: first_seconds * 1000, lastMs: last_seconds * 1000 }, options.random)
  }

  /** Does not wait for the receiver. @throws AUSCULT_CONFIG for secrets that are not there */
  async start(): Promise<void> {
    const { name, config, store, env = process.env } = this.#options
    this.#target = new Target(name, config, env)
    const cursor = await store.cursor(this.#cursorName)
    this.#latest = store.last
    this.#position = cursor ?? this.#latest
    // A store that was begun anew counts from 1 again.
    if (this.#position > this.#latest) this.#position = this.#latest
    this.#noted = cursor ?? -1
    this.#running = this.#run()
  }

  /** Sends what is left, as far as the receiver takes it at once. */
  async stop(deadline: number): Promise<void> {
    this.#stopping.abort()
    this.#news.resolve()
    const late = setTimeout(() => this.#cut.abort(), Math.max(0, Math.min(deadline - Date.now() - 500, LAST_MS)))
    await this.#running
    clearTimeout(late)
    if (this.lag > 0) {
      const message = 'stopped before the webhook took these; they are sent after the next start'
      this.#options.logger.warn({ webhook: this.#options.name, events: this.lag }, message)
    }
  }

  score(): void {}

  event(_event: AuscultEvent, seq: number): void {
    this.#latest = seq
    this.#news.resolve()
  }

  /** Events that are not dealt with yet. */
  get lag(): number {
    return Math.max(0, this.#latest - this.#position)
  }

  get outcomes(): Readonly<Record<string, number>> {
    return this.#outcomes
  }

  /** Where it sends to, without what may be secret. */
  get origin(): string {
    return this.#target?.origin ?? ''
  }

  get isSigned(): boolean {
    return this.#target?.isSigned ?? false
  }

  status(): ComponentStatus {
    const { delivered } = this.#outcomes
    if (!this.#target) return { ok: false, reason: 'not started' }
    if (!this.#fault) return { ok: true, reason: `${this.origin}: ${delivered} delivered` }
    const { reason, since } = this.#fault
    const away = this.#options.clock.now() - since
    return { ok: away < TOLERATED_MS && !this.#isGone, reason: `${this.origin}: ${reason}; ${this.lag} events wait` }
  }

  /** Sends a message that says what it is, whatever waits. */
  async test(): Promise<Tried> {
    const { name, clock } = this.#options
    const from = performance.now()
    const verdict = await this.#attempt(testMessage(name, clock.now(), this.#surroundings))
    const delivered = verdict.outcome === 'delivered'
    if (delivered && this.#isGone) {
      this.#isGone = false
      this.#news.resolve()
    }
    const seconds = Number(((performance.now() - from) / 1000).toFixed(3))
    return { delivered, reason: 'reason' in verdict ? verdict.reason : 'delivered', seconds }
  }

  get #cursorName(): string {
    return `webhook/${this.#options.name}`
  }

  get #surroundings(): Surroundings {
    return { store: this.#options.store.id, publicUrl: this.#options.publicUrl }
  }

  async #run(): Promise<void> {
    try {
      await this.#note()
      for (;;) {
        this.#news = deferred()
        const isLast = this.#stopping.signal.aborted
        if (this.#isGone && isLast) return
        const events = this.#isGone
          ? []
          : await this.#untilStored(() => this.#options.store.textsAfter(this.#position, PAGE))
        const isHeld = !(await this.#dealWith(events))
        if (isLast && (isHeld || events.length === 0)) return await this.#note()
        // Held by the stop it is tried once more; held by a receiver that is gone it waits.
        if (events.length > 0 && !this.#isGone) continue
        await this.#note()
        await this.#news.promise
      }
    } catch {
      // Stopped while the receiver or the store was away. The reason has been logged.
    }
  }

  /** Whether all of them are dealt with. */
  async #dealWith(events: readonly StoredText[]): Promise<boolean> {
    for (const event of events) if (!(await this.#deal(event))) return false
    return true
  }

  /** Whether to go on: the event is delivered, given up, or not wanted. */
  async #deal(stored: StoredText): Promise<boolean> {
    const event: EventJson = JSON.parse(stored.text)
    if (isWanted(event, this.#options.config)) {
      const message = messageOf(stored, event, this.#surroundings, this.#options.clock.now())
      const isDone = await this.#deliver(message, stored.seq)
      if (!isDone) return false
      this.#position = stored.seq
      await this.#note()
    } else {
      this.#position = stored.seq
      if (this.#position - this.#noted >= CURSOR_EVENTS) await this.#note()
    }
    return true
  }

  async #deliver(message: Message, seq: number): Promise<boolean> {
    const { name, config, clock, logger } = this.#options
    const { give_up_seconds } = config.retry
    // Added up, so that a clock that jumps gives nothing up.
    let spentMs = 0
    for (;;) {
      const from = performance.now()
      const verdict = await this.#attempt(message)
      spentMs += performance.now() - from
      if (verdict.outcome === 'delivered') {
        this.#count('delivered')
        this.#recovered()
        return true
      }
      if (this.#cut.signal.aborted) return false
      const { outcome, reason } = verdict
      const details = { webhook: name, event: seq, reason }
      if (outcome === 'gone') {
        this.#count('refused')
        this.#isGone = true
        this.#fault = { reason: `${reason}; nothing is sent until the next start or a test`, since: clock.now() }
        logger.error(details, 'the receiver of a webhook wants no more; its events wait until the next start or a test')
        return false
      }
      if (outcome === 'refused') {
        this.#count('refused')
        this.#failed(reason)
        logger.error(details, 'a webhook refused an event, which is given up')
        return true
      }
      this.#count('failed')
      this.#failed(reason)
      if (this.#stopping.signal.aborted) return false
      if (give_up_seconds !== null && spentMs >= give_up_seconds * 1000) {
        this.#count('given_up')
        logger.error(details, 'an event could not be delivered to a webhook for so long that it is given up')
        return true
      }
      const waitMs = Math.max(this.#retry.failed(clock.now()).ms, verdict.afterMs ?? 0)
      await clock.sleep(waitMs, this.#stopping.signal).catch(() => {})
      spentMs += waitMs
      // At the stop it is tried once more.
    }
  }

  async #attempt(message: Message): Promise<Verdict> {
    const { clock } = this.#options
    if (!this.#target) return { outcome: 'failed', reason: 'not started' }
    try {
      return verdictOf(await this.#target.send(message, clock.now(), this.#cut.signal), clock.now())
    } catch (error) {
      return { outcome: 'failed', reason: textOf(error) }
    }
  }

  #count(outcome: Outcome): void {
    this.#outcomes[outcome]++
  }

  #failed(reason: string): void {
    const { name, clock, logger } = this.#options
    if (!this.#fault) logger.warn({ webhook: name, to: this.origin, reason }, 'a webhook cannot be served')
    this.#fault = { reason, since: this.#fault?.since ?? clock.now() }
  }

  #recovered(): void {
    this.#retry.succeeded()
    if (!this.#fault) return
    this.#fault = undefined
    this.#options.logger.info({ webhook: this.#options.name }, 'a webhook is served again')
  }

  async #note(): Promise<void> {
    if (this.#noted === this.#position) return
    const position = this.#position
    await this.#untilStored(() => this.#options.store.setCursor(this.#cursorName, position))
    this.#noted = position
  }

  #untilStored<T>(work: () => Promise<T>): Promise<T> {
    const { clock, logger } = this.#options
    return untilStored(work, { clock, logger, signal: this.#stopping.signal })
  }
}
