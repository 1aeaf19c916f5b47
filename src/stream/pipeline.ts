import { setMaxListeners } from 'node:events'
import type { Clock } from '../clock.ts'
import { AuscultError } from '../errors.ts'
import type { Service } from '../lifecycle.ts'
import type { Logger } from '../logger.ts'
import type { Threshold } from '../model/threshold.ts'
import type { AuscultEvent, CloseReason, Delivery, Episode, Score, SourceCondition, SourceReports } from '../types.ts'
import { type BatchConfig, Batcher } from './batcher.ts'
import { deferred } from './deferred.ts'
import { Detector, type DetectorOptions } from './detector.ts'
import { interrupted, sourceEvent } from './events.ts'
import type { Feed } from './feed.ts'
import { type Item, Lane } from './lane.ts'
import { Ledger } from './ledger.ts'
import { LossLog } from './loss-log.ts'
import { Publisher } from './publisher.ts'
import type { ScorerPool } from './scorer-pool.ts'
import type { BatchResult } from './scorer-slot.ts'
import type { EventStore } from './store/event-store.ts'
import { Tap, type TapState } from './tap.ts'
import type { ScoreLog, Sink, SourceStatus, Telemetry } from './telemetry.ts'

export interface PipelineOptions {
  readonly feeds: readonly Feed[]
  /** Windows of one feed that may wait to be scored. */
  readonly capacity: number
  readonly batch: BatchConfig
  readonly detector: DetectorOptions
  /** The threshold of a source, which may follow its scores. */
  readonly threshold: (source: string) => Threshold
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

/** So long an episode that an earlier process left open may wait for its source to come back, ms. */
const RESUME_MS = 60_000
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
  /** Episodes that an earlier process left open, by source. */
  readonly #leftOpen = new Map<string, Episode>()
  #patience: NodeJS.Timeout | undefined
  #hard = false

  constructor(options: PipelineOptions) {
    this.#options = options
    // One listener a feed is no leak.
    setMaxListeners(0, this.#closing.signal)
    const { feeds, capacity, pool, batch, logger, clock } = options
    this.#taps = feeds.map(feed => new Tap(feed, capacity))
    for (const tap of this.#taps) this.#lane(tap, tap.name)
    this.#publisher = new Publisher({ ...options, onRoom: () => this.#batcher.poke() })
    this.#losses = new LossLog(logger, () => clock.now())
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
    this.#takeUp(this.#options.store.leftOpen())
    for (const tap of this.#taps) void this.#pump(tap)
  }

  /** Closes the taps and lets what was received drain; at 3/4 of the time it drops what is left. */
  async stop(deadline: number): Promise<void> {
    this.#closing.abort()
    this.#batcher.close()
    this.#interrupt()
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
      threshold: lane.detector.threshold,
      score: lane.score,
      suppressed: lane.detector.suppressed,
      episodes: lane.episodes,
      episodeOpen: lane.detector.isOpen,
      gaps: lane.gaps,
      late: lane.late,
      restarts: lane.restarts,
      lag: lane.lag,
    }))
  }

  #lanes(): Lane[] {
    return this.#taps.flatMap(tap => [...tap.lanes.values()])
  }

  #lane(tap: Tap, source: string): Lane {
    const known = tap.lanes.get(source)
    if (known) return known
    if (!tap.owns(source)) throw new RangeError(`${tap.name} gave a window of ${source}`)
    const threshold = this.#options.threshold(source)
    const lane = new Lane(source, tap, new Detector(threshold.value, this.#options.detector), threshold)
    tap.lanes.set(source, lane)
    this.ledger.open(source)
    return lane
  }

  /** Episodes of feeds that resume wait for their source; the others are over. */
  #takeUp(episodes: readonly Episode[]): void {
    const resumable = this.#taps.filter(tap => tap.feed.resumable)
    for (const episode of episodes) this.#leftOpen.set(episode.source, episode)
    const over = episodes.filter(({ source }) => !resumable.some(tap => tap.owns(source)))
    this.#interrupt(over)
    if (this.#leftOpen.size > 0) this.#patience = setTimeout(() => this.#interrupt(), RESUME_MS).unref()
  }

  #interrupt(episodes: readonly Episode[] = [...this.#leftOpen.values()]): void {
    clearTimeout(this.#patience)
    for (const { source } of episodes) this.#leftOpen.delete(source)
    void this.#publisher.store(episodes.map(interrupted))
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
    lane.away = false
    if (!lane.started) {
      const episode = this.#leftOpen.get(lane.name)
      if (episode) lane.detector.resume(episode)
      this.#leftOpen.delete(lane.name)
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
        this.#fail([item], 'input_shape', new AuscultError('AUSCULT_INPUT_SHAPE', message, { at: id }))
        this.#finishIfDrained(item.lane)
      }
    }
    if (good.length > 0) pool.submit(windows, good.length, result => this.#settle(good, result))
  }

  #settle(items: Item[], result: BatchResult): void {
    if (this.#hard) return
    if (result.ok) this.#decide(items, result)
    else this.#fail(items, result.reason, result.error)
    for (const lane of new Set(items.map(item => item.lane))) this.#finishIfDrained(lane)
  }

  #fail(items: readonly Item[], reason: string, error: unknown): void {
    for (const { lane, delivery } of items) {
      this.ledger.failed(lane.name, reason)
      this.#losses.failed(lane.name, reason, 1, delivery.window.id, error)
      delivery.ack()
    }
  }

  #decide(items: readonly Item[], { scores, seconds }: Extract<BatchResult, { ok: true }>): void {
    const { telemetry, sinks, duration } = this.#options
    const events: AuscultEvent[] = []
    const wanted = sinks.filter(sink => sink.wantsScores)
    const now = performance.now()
    const decided: Delivery[] = []
    const logged: Score[] = []
    telemetry.batch(items.length, seconds)
    items.forEach((item, i) => {
      const { lane, delivery, receivedAt } = item
      const value = scores.scores[i]
      if (!Number.isFinite(value)) {
        this.#fail([item], 'non_finite', 'the window, or its score, is not finite')
        return
      }
      const { id, index, stream, offset, time } = delivery.window
      const source = lane.name
      const { threshold } = lane.detector
      const latent = scores.latents.subarray(i * scores.latentSize, (i + 1) * scores.latentSize)
      const anomalous = value > threshold
      const score: Score = {
        source,
        id,
        index,
        stream,
        offset,
        time,
        duration,
        score: value,
        threshold,
        anomalous,
        late: time < lane.newest,
        latent,
      }
      if (score.late) lane.late++
      else lane.newest = time
      lane.score = value
      for (const event of lane.detector.push(score)) {
        if (event.type === 'episode.opened') lane.episodes++
        events.push(event)
      }
      if (!lane.detector.isOpen) lane.threshold.push(value)
      lane.detector.threshold = lane.threshold.value
      this.ledger.scored(lane.name)
      if (this.#publisher.keepsScores) logged.push(score)
      this.#hold(lane, delivery, decided)
      telemetry.scoreRatio(value / threshold)
      telemetry.latency((now - receivedAt) / 1000)
      for (const sink of wanted) sink.score(score)
    })
    this.#publisher.publish(events, logged, decided)
  }

  /** Adds what can be acknowledged to `decided`: this window and those before it, or nothing while the detector waits. */
  #hold(lane: Lane, delivery: Delivery, decided: Delivery[]): void {
    if (lane.tap.feed.resumable && lane.detector.undecided) {
      lane.held.push(delivery)
      delivery.hold?.()
      return
    }
    decided.push(...lane.held, delivery)
    lane.held = []
  }

  /** Closes what is open once a source is over, or another process takes it over, and nothing of it is in flight. */
  #finishIfDrained(lane: Lane): void {
    const { tap, leaving } = lane
    if (!(tap.closed || leaving) || lane.finishing || this.ledger.inFlight(lane.name) > 0) return
    lane.finishing = true
    lane.held = []
    const events = lane.detector.end(tap.closed ? (CLOSE_REASONS[tap.state] ?? 'stopped') : 'handed_over')
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
    const patience = new AbortController()
    const waited = this.#options.clock.sleep((deadline - Date.now()) / 2, patience.signal).catch(() => {})
    await Promise.race([drained, waited])
    patience.abort()
  }
}
