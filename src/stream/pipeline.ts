import { setMaxListeners } from 'node:events'
import { atMost } from '../at-most.ts'
import type { Clock } from '../clock.ts'
import { AuscultError } from '../errors.ts'
import type { Service } from '../lifecycle.ts'
import type { Logger } from '../logger.ts'
import type { AuscultEvent, CloseReason, Delivery, Episode, SourceCondition, SourceReports } from '../types.ts'
import { type BatchConfig, Batcher } from './batcher.ts'
import { deferred } from './deferred.ts'
import { interrupted, sourceEvent } from './events.ts'
import type { Feed } from './feed.ts'
import type { Judge } from './judge.ts'
import { type Item, Lane } from './lane.ts'
import { Ledger } from './ledger.ts'
import { LeftOpen } from './left-open.ts'
import { LossLog } from './loss-log.ts'
import { Publisher } from './publisher.ts'
import type { ScorerPool } from './scorer-pool.ts'
import type { BatchResult } from './scorer-slot.ts'
import { Settler } from './settler.ts'
import type { EventStore } from './store/event-store.ts'
import { Tap, type TapState } from './tap.ts'
import type { Analyst, ScoreLog, Sink, SourceStatus, Telemetry } from './telemetry.ts'

export interface PipelineOptions {
  readonly feeds: readonly Feed[]
  /** Windows of one feed that may wait to be scored. */
  readonly capacity: number
  readonly batch: BatchConfig
  /** Decides on the scores of a source. `replays`: see Feed. */
  readonly judge: (source: string, replays: boolean) => Judge
  /** In the order in which they complete episodes. */
  readonly analysts: readonly Analyst[]
  /** Seconds that a window spans; 0 for detector frames. */
  readonly duration: number
  readonly pool: Pick<ScorerPool, 'free' | 'onFree' | 'buffer' | 'submit' | 'model'>
  readonly store: Pick<EventStore, 'append' | 'leftOpen'>
  readonly scoreLog?: ScoreLog
  readonly sinks: readonly Sink[]
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly logger: Logger
}

/** How what is open is closed when a feed is over. */
const CLOSE_REASONS: Partial<Record<TapState, CloseReason>> = { ended: 'source_ended', failed: 'source_failed' }

/**
 *     feed ─ pump ─▶ ring ─▶ batcher ─▶ pool ─▶ detector ─▶ store, score log ─▶ sinks
 *       ▲         (one a feed)               (one a source)       │
 *       └───────────────────────── ack ◀──────────────────────────┘
 *
 * A window is acknowledged once its outcome is final: scored with its events durable, failed, or dropped by overflow. In a resumable
 * feed an anomalous window waits until it is decided whether it begins an episode. Windows that a hard stop drops are not
 * acknowledged, so that a source which can will deliver them again.
 */
export class Pipeline implements Service {
  readonly name = 'pipeline'
  /** Resolves when every feed has ended and is drained, or after a stop; rejects with the first error of a feed that broke off. */
  readonly finished: Promise<void>
  readonly ledger = new Ledger()
  readonly #options: PipelineOptions
  readonly #taps: readonly Tap[]
  readonly #batcher: Batcher<Item>
  readonly #publisher: Publisher
  readonly #losses: LossLog
  readonly #closing = new AbortController()
  readonly #settler: Settler
  readonly #bySource = new Map<string, Lane>()
  readonly #leftOpen = new LeftOpen(episodes => void this.#publisher.store(episodes.map(interrupted)))
  #hard = false

  constructor(options: PipelineOptions) {
    this.#options = options
    // One listener a feed is no leak.
    setMaxListeners(0, this.#closing.signal)
    const { feeds, capacity, pool, batch, logger, clock } = options
    this.#taps = feeds.map(feed => new Tap(feed, capacity))
    for (const tap of this.#taps) this.#lane(tap, tap.name)
    this.#publisher = new Publisher({
      ...options,
      onEpisode: episode => this.#keep(episode),
      onRoom: () => this.#batcher.poke(),
    })
    this.#losses = new LossLog(logger, () => clock.now())
    this.#settler = new Settler({
      ...options,
      publisher: this.#publisher,
      ledger: this.ledger,
      losses: this.#losses,
    })
    this.#batcher = new Batcher({
      ...batch,
      rings: this.#taps.map(tap => tap.ring),
      free: () => pool.free && !this.#publisher.full,
      emit: items => this.#emit(items),
    })
    pool.onFree = () => this.#batcher.poke()
    this.finished = Promise.all(this.#taps.map(tap => tap.done.promise)).then(() => {
      const broken = this.#taps.find(tap => tap.state === 'failed')
      if (broken) throw broken.error
    })
    this.finished.catch(() => {})
  }

  /** Opens the feeds, then all taps. @throws what a feed's `open` throws */
  async start(signal: AbortSignal): Promise<void> {
    for (const tap of this.#taps) await tap.feed.open?.(signal)
    signal.throwIfAborted()
    const resumable = this.#taps.filter(tap => tap.feed.resumable)
    this.#leftOpen.begin(this.#options.store.leftOpen(), source => resumable.some(tap => tap.owns(source)))
    for (const tap of this.#taps) void this.#pump(tap)
  }

  /** Closes the taps and lets what was received drain; at 3/4 of the time it drops what is left. */
  async stop(deadline: number): Promise<void> {
    this.#closing.abort()
    this.#batcher.close()
    this.#leftOpen.end()
    const drained = Promise.all(this.#taps.map(tap => tap.done.promise))
    let timer: NodeJS.Timeout | undefined
    const patience = (deadline - Date.now()) * 0.75
    const turnHard = new Promise<void>(resolve => {
      timer = setTimeout(resolve, patience)
    })
    await Promise.race([drained, turnHard.then(() => this.#abandon(drained, deadline))])
    clearTimeout(timer)
    this.#losses.flush()
  }

  sources(): SourceStatus[] {
    return this.#lanes().map(lane => ({
      name: lane.name,
      ...lane.condition,
      conditions: Object.fromEntries(lane.conditions),
      account: this.ledger.account(lane.name),
      queued: lane.queued,
      threshold: lane.judge.threshold,
      score: lane.score,
      suppressed: lane.judge.suppressed,
      episodes: lane.episodes,
      episodeOpen: lane.judge.isOpen,
      muted: lane.open?.muted !== undefined,
      mutedEpisodes: lane.mutedEpisodes,
      drift: lane.judge.drift,
      gaps: lane.gaps,
      late: lane.late,
      restarts: lane.restarts,
      lastWindowAt: lane.lastWindowAt,
      lag: lane.lag,
    }))
  }

  /** The episode of this id if it is open, as it was stored last. */
  openEpisode(id: string): Episode | undefined {
    return this.#lanes().find(({ open }) => open?.id === id)?.open
  }

  /**
   * Stores events that do not come from windows, and state with them, in one transaction; then tells the sinks.
   * @returns the numbers of the events. @throws AUSCULT_STORE when the store stops before they are durable
   */
  publish(events: readonly AuscultEvent[], state: Readonly<Record<string, unknown>> = {}): Promise<readonly number[]> {
    for (const event of events) if ('episode' in event) this.#keep(event.episode)
    return this.#publisher.append(events, state)
  }

  /** Remembers an open episode as others see it, so that it can be asked for and annotated. */
  #keep(episode: Episode): void {
    const lane = this.#bySource.get(episode.source)
    if (!lane) return
    if (episode.state === 'open') lane.keep(episode)
    else if (lane.open?.id === episode.id) lane.open = undefined
  }

  #lanes(): Lane[] {
    return this.#taps.flatMap(tap => [...tap.lanes.values()])
  }

  #lane(tap: Tap, source: string): Lane {
    const known = tap.lanes.get(source)
    if (known) return known
    if (!tap.owns(source)) throw new RangeError(`${tap.name} gave a window of ${source}`)
    const lane = new Lane(source, tap, this.#options.judge(source, tap.feed.replays === true))
    tap.lanes.set(source, lane)
    this.#bySource.set(source, lane)
    this.ledger.open(source)
    return lane
  }

  async #pump(tap: Tap): Promise<void> {
    tap.state = 'running'
    try {
      for await (const delivery of tap.feed.deliveries(this.#closing.signal, this.#reports(tap))) {
        if (this.#hard) break
        const receivedAt = performance.now()
        const lane = this.#receive(tap, delivery)
        const instead = tap.ring.full && tap.feed.overflow === 'drop-oldest'
        if (instead) this.#dropOldest(tap)
        while (tap.ring.full && !this.#hard) await tap.room()
        if (this.#hard) break
        lane.queued++
        tap.ring.push({ lane, delivery, receivedAt })
        if (!instead) this.#batcher.added()
      }
      tap.state = this.#closing.signal.aborted ? 'stopped' : 'ended'
    } catch (error) {
      tap.state = 'failed'
      tap.error = error
      this.#options.logger.error({ source: tap.name, error: String(error) }, 'source broke off')
    }
    tap.closed = true
    for (const lane of tap.lanes.values()) this.#finishIfDrained(lane)
  }

  #receive(tap: Tap, { window }: Delivery): Lane {
    const lane = this.#lane(tap, window.source)
    this.ledger.received(lane.name)
    lane.lastWindowAt = this.#options.clock.now()
    lane.away = false
    if (!lane.started) {
      const episode = this.#leftOpen.take(lane.name)
      if (episode) lane.judge.resume(episode)
      lane.open = episode
      lane.started = true
    }
    return lane
  }

  #dropOldest(tap: Tap): void {
    const { lane, delivery } = tap.ring.shift()!
    lane.queued--
    delivery.ack()
    delivery.recycle?.()
    this.ledger.dropped(lane.name, 'overflow')
    this.#losses.dropped(lane.name, 'overflow', 1, delivery.window.id)
  }

  #reports(tap: Tap): SourceReports {
    return {
      failed: ({ source, reason, at, error, windows }) => {
        this.#lane(tap, source)
        this.ledger.received(source, windows)
        this.ledger.failed(source, reason, windows)
        this.#losses.failed(source, reason, windows, at, error)
      },
      condition: (source, condition, message) => this.#condition(this.#lane(tap, source), condition, message),
      gap: (source, at) => {
        this.#lane(tap, source).gaps++
        this.#options.logger.debug({ source, at }, 'data are missing here')
      },
      lag: (source, items) => {
        this.#lane(tap, source).lag = items
      },
      restarted: source => {
        this.#lane(tap, source).restarts++
      },
      released: source => {
        const lane = this.#lane(tap, source)
        lane.leaving ??= deferred()
        const { promise } = lane.leaving
        this.#finishIfDrained(lane)
        return promise
      },
    }
  }

  #condition(lane: Lane, condition: SourceCondition, message: string | undefined): void {
    const before = lane.conditions.get(condition)
    if (message === undefined) lane.conditions.delete(condition)
    else lane.conditions.set(condition, message)
    if ((before === undefined) === (message === undefined)) return
    const event = sourceEvent(lane.name, condition, message, this.#options.clock.now())
    void this.#publisher.store([event])
  }

  #emit(items: Item[]): void {
    const { pool } = this.#options
    const size = pool.model.windowSize
    const good: Item[] = []
    const windows = pool.buffer()
    for (const item of items) {
      item.lane.queued--
      item.lane.tap.freed()
      const { data, id } = item.delivery.window
      if (data.length === size) {
        windows.set(data, good.length * size)
        item.delivery.recycle?.()
        good.push(item)
      } else {
        const message = `a window has ${data.length} values, the bundle wants ${size}`
        this.#settler.fail([item], 'input_shape', new AuscultError('AUSCULT_INPUT_SHAPE', message, { at: id }))
        this.#finishIfDrained(item.lane)
      }
    }
    if (good.length === 0) return
    const submittedAt = performance.now()
    pool.submit(windows, good.length, (result, scored) =>
      this.#settle(good, result, scored?.subarray(0, good.length * size), submittedAt),
    )
  }

  #settle(items: Item[], result: BatchResult, windows: Float32Array | undefined, submittedAt: number): void {
    if (this.#hard) return
    this.#settler.settle(items, result, windows, submittedAt)
    for (const lane of new Set(items.map(item => item.lane))) this.#finishIfDrained(lane)
  }

  /** Closes what is open once a source is over, or another process takes it over, and nothing of it is in flight. */
  #finishIfDrained(lane: Lane): void {
    const { tap, leaving } = lane
    if (!(tap.closed || leaving) || lane.finishing || this.ledger.inFlight(lane.name) > 0) return
    lane.finishing = true
    lane.held = []
    const events = lane.judge.end(tap.closed ? (CLOSE_REASONS[tap.state] ?? 'stopped') : 'handed_over')
    void this.#publisher.store(events).then(() => {
      lane.finishing = false
      lane.finished = tap.closed
      lane.away = leaving !== undefined
      lane.leaving = undefined
      leaving?.resolve()
      if ([...tap.lanes.values()].every(({ finished }) => finished)) tap.done.resolve()
      else if (tap.closed && !lane.finished) this.#finishIfDrained(lane)
    })
  }

  /** Drops whatever has not been settled, and waits for its last events while half of the remaining time lasts. */
  async #abandon(drained: Promise<unknown>, deadline: number): Promise<void> {
    this.#hard = true
    this.#batcher.clear()
    for (const lane of this.#lanes().filter(({ finishing, finished }) => !finishing && !finished)) {
      const left = this.ledger.inFlight(lane.name)
      lane.tap.freed()
      if (left > 0) {
        this.ledger.dropped(lane.name, 'stopped', left)
        this.#options.logger.warn(
          { source: lane.name, windows: left },
          'stopped before these were scored; they may be delivered again',
        )
      }
      lane.queued = 0
      lane.tap.state = 'stopped'
      lane.tap.closed = true
      this.#finishIfDrained(lane)
    }
    await atMost((deadline - Date.now()) / 2, drained)
  }
}
