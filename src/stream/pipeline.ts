import type { Clock } from '../clock.ts'
import { z } from '../config.ts'
import { AuscultError } from '../errors.ts'
import type { Service } from '../lifecycle.ts'
import type { Logger } from '../logger.ts'
import type { CloseReason, EpisodeEvent, Score } from '../types.ts'
import { type BatchConfig, Batcher } from './batcher.ts'
import { Detector, type DetectorOptions } from './detector.ts'
import type { EventStore } from './event-store.ts'
import { FailureLog } from './failure-log.ts'
import type { Feed } from './feed.ts'
import { type Item, Lane } from './lane.ts'
import { Ledger } from './ledger.ts'
import type { ScorerPool } from './scorer-pool.ts'
import type { BatchResult } from './scorer-slot.ts'
import type { Sink, SourceStatus, Telemetry } from './telemetry.ts'

export const queueSchema = z.strictObject({
  capacity: z.number().int().min(1).default(256).describe('Windows of one source that may wait to be scored'),
})

export interface PipelineOptions {
  readonly feeds: readonly Feed[]
  readonly capacity: number
  readonly batch: BatchConfig
  readonly detector: DetectorOptions
  readonly threshold: number
  /** Seconds that a window spans; 0 for detector frames. */
  readonly duration: number
  readonly pool: Pick<ScorerPool, 'free' | 'onFree' | 'buffer' | 'submit' | 'model'>
  readonly store: Pick<EventStore, 'append'>
  readonly sinks: readonly Sink[]
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly logger: Logger
}

/** Batches whose events wait for the disk. Above this many nothing is scored, so that a full disk holds the sources back. */
const UNDURABLE_LIMIT = 32

/**
 *     feed ─ pump ─▶ ring ─▶ batcher ─▶ pool ─▶ detector ─▶ store ─▶ sinks
 *       ▲           (one per source)                          │
 *       └───────────────────────── ack ◀──────────────────────┘
 *
 * A window is acknowledged once its outcome is final: scored with its events durable, failed, or dropped by overflow.
 * Windows that a hard stop drops are not acknowledged, so that a source which can will deliver them again.
 */
export class Pipeline implements Service {
  readonly name = 'pipeline'
  /** Resolves when every feed has ended and is drained, or after a stop; rejects with the first error of a feed that broke off. */
  readonly finished: Promise<void>
  readonly ledger = new Ledger()
  readonly #options: PipelineOptions
  readonly #lanes: readonly Lane[]
  readonly #batcher: Batcher<Item>
  readonly #failures: FailureLog
  readonly #taps = new AbortController()
  #undurable = 0
  #hard = false

  constructor(options: PipelineOptions) {
    this.#options = options
    const { feeds, capacity, threshold, detector, pool, batch, logger, clock } = options
    this.#lanes = feeds.map(feed => new Lane(feed, capacity, new Detector(threshold, detector)))
    for (const lane of this.#lanes) this.ledger.open(lane.name)
    this.#failures = new FailureLog(logger, () => clock.now())
    this.#batcher = new Batcher({
      ...batch,
      rings: this.#lanes.map(lane => lane.ring),
      free: () => pool.free && this.#undurable < UNDURABLE_LIMIT,
      emit: items => this.#emit(items),
    })
    pool.onFree = () => this.#batcher.poke()
    this.finished = Promise.all(this.#lanes.map(lane => lane.done.promise)).then(() => {
      const broken = this.#lanes.find(lane => lane.state === 'failed')
      if (broken) throw broken.error
    })
    this.finished.catch(() => {})
  }

  /** Opens the feeds, then all taps. @throws what a feed's `open` throws */
  async start(signal: AbortSignal): Promise<void> {
    for (const lane of this.#lanes) await lane.feed.open?.(signal)
    signal.throwIfAborted()
    for (const lane of this.#lanes) void this.#pump(lane)
  }

  /** Closes the taps and lets what was received drain; at 3/4 of the time it drops what is left. */
  async stop(deadline: number): Promise<void> {
    this.#taps.abort()
    this.#batcher.close()
    const drained = Promise.all(this.#lanes.map(lane => lane.done.promise))
    let timer: NodeJS.Timeout | undefined
    const patience = (deadline - Date.now()) * 0.75
    const turnHard = new Promise<void>(resolve => {
      timer = setTimeout(resolve, patience)
    })
    await Promise.race([drained, turnHard.then(() => this.#abandon(drained, deadline))])
    clearTimeout(timer)
  }

  sources(): SourceStatus[] {
    return this.#lanes.map(lane => ({
      name: lane.name,
      ...lane.condition,
      account: this.ledger.account(lane.name),
      queued: lane.ring.length,
      threshold: lane.detector.threshold,
      score: lane.score,
      suppressed: lane.detector.suppressed,
      episodes: lane.episodes,
      episodeOpen: lane.detector.isOpen,
    }))
  }

  async #pump(lane: Lane): Promise<void> {
    lane.state = 'running'
    try {
      const deliveries = lane.feed.deliveries(this.#taps.signal, failure => {
        this.ledger.received(lane.name, failure.windows)
        this.ledger.failed(lane.name, failure.reason, failure.windows)
        this.#failures.report(lane.name, failure.reason, failure.windows, failure.at, failure.error)
      })
      for await (const delivery of deliveries) {
        if (this.#hard) break
        const receivedAt = performance.now()
        this.ledger.received(lane.name)
        if (lane.ring.full && lane.feed.overflow === 'drop-oldest') {
          lane.ring.shift()!.delivery.ack()
          this.ledger.dropped(lane.name, 'overflow')
          lane.ring.push({ lane, delivery, receivedAt })
          continue
        }
        while (lane.ring.full && !this.#hard) await lane.room()
        if (this.#hard) break
        lane.ring.push({ lane, delivery, receivedAt })
        this.#batcher.added()
      }
      lane.state = this.#taps.signal.aborted ? 'stopped' : 'ended'
    } catch (error) {
      lane.state = 'failed'
      lane.error = error
      this.#options.logger.error({ source: lane.name, error: String(error) }, 'source broke off')
    }
    lane.tapClosed = true
    this.#finishIfDrained(lane)
  }

  #emit(items: Item[]): void {
    const { pool } = this.#options
    const size = pool.model.windowSize
    const good: Item[] = []
    const windows = pool.buffer()
    for (const item of items) {
      item.lane.freed()
      const { data, id } = item.delivery.window
      if (data.length === size) {
        windows.set(data, good.length * size)
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
      this.#failures.report(lane.name, reason, 1, delivery.window.id, error)
      delivery.ack()
    }
  }

  #decide(items: readonly Item[], { scores, seconds }: Extract<BatchResult, { ok: true }>): void {
    const { telemetry, sinks, duration } = this.#options
    const events: EpisodeEvent[] = []
    const wanted = sinks.filter(sink => sink.wantsScores)
    const now = performance.now()
    const scored: Item[] = []
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
        latent,
      }
      lane.score = value
      for (const event of lane.detector.push(score)) {
        if (event.type === 'episode.opened') lane.episodes++
        events.push(event)
      }
      this.ledger.scored(lane.name)
      scored.push(item)
      telemetry.scoreRatio(value / threshold)
      telemetry.latency((now - receivedAt) / 1000)
      for (const sink of wanted) sink.score(score)
    })
    this.#publish(events, scored)
  }

  /** Makes events durable, then tells the sinks and acknowledges the windows. */
  #publish(events: readonly EpisodeEvent[], items: readonly Item[]): void {
    if (events.length === 0) {
      for (const { delivery } of items) delivery.ack()
      return
    }
    this.#undurable++
    void this.#store(events).then(stored => {
      this.#undurable--
      if (stored) for (const { delivery } of items) delivery.ack()
      this.#batcher.poke()
    })
  }

  /** Whether the events are durable; sinks know them then. */
  async #store(events: readonly EpisodeEvent[]): Promise<boolean> {
    const { store, sinks, logger } = this.#options
    try {
      await store.append(events)
    } catch (error) {
      const lost = events.map(event => event.eventId)
      logger.error(
        { events: lost, error: String(error) },
        'events could not be stored; their windows may be delivered again',
      )
      return false
    }
    for (const event of events) for (const sink of sinks) sink.event(event)
    return true
  }

  #finishIfDrained(lane: Lane): void {
    if (!lane.tapClosed || lane.finishing || this.ledger.inFlight(lane.name) > 0) return
    lane.finishing = true
    const reasons: Partial<Record<typeof lane.state, CloseReason>> = { ended: 'source_ended', failed: 'source_failed' }
    const events = lane.detector.end(reasons[lane.state] ?? 'stopped')
    void this.#store(events).then(() => lane.done.resolve())
  }

  /** Drops whatever has not been settled, and waits for its last events while half of the remaining time lasts. */
  async #abandon(drained: Promise<unknown>, deadline: number): Promise<void> {
    this.#hard = true
    this.#batcher.clear()
    for (const lane of this.#lanes.filter(({ finishing }) => !finishing)) {
      const left = this.ledger.inFlight(lane.name)
      lane.freed()
      if (left > 0) {
        this.ledger.dropped(lane.name, 'stopped', left)
        this.#options.logger.warn(
          { source: lane.name, windows: left },
          'stopped before these were scored; they may be delivered again',
        )
      }
      lane.state = 'stopped'
      lane.tapClosed = true
      this.#finishIfDrained(lane)
    }
    const patience = new AbortController()
    const waited = this.#options.clock.sleep((deadline - Date.now()) / 2, patience.signal).catch(() => {})
    await Promise.race([drained, waited])
    patience.abort()
  }
}
