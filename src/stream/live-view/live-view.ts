import type { Clock } from '../../clock.ts'
import { AuscultError, type ErrorCode } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import type { FeatureMap } from '../../model/explanation/feature-map.ts'
import type { Reconstructed } from '../../model/scorer.ts'
import type { AuscultEvent, EpisodeEvent, Score } from '../../types.ts'
import { WindowMemory } from '../evidence/window-memory.ts'
import type { Analyst } from '../telemetry.ts'
import { PictureMaker, toBytes } from './picture.ts'
import type { ViewMessage, Views } from './view-message.ts'
import { Watch, type Watcher } from './watch.ts'

export interface LiveViewOptions {
  /** Values of a window. */
  readonly windowSize: number
  /** Where the features of the model lie. @throws AUSCULT_CONFIG when that is not known */
  readonly featureMap: () => FeatureMap
  /** What the model makes of a window, which is copied. */
  readonly explain: (window: Float32Array) => Promise<Reconstructed>
  readonly clock: Clock
  readonly logger: Logger
}

/** Milliseconds between two pictures of a source, and between two of any, at least. */
const PACE_MS = 100
const PACE_OF_ALL_MS = 25
/** Bytes a second of one source, at most. */
const BYTES_A_SECOND = 750_000
/** Pictures take one part in so many of a scorer thread's time; waiting for it counts, so that they make way when it has much to do. */
const SHARE = 4
const LONGEST_REST_MS = 10_000
/** After a picture that the scorer could not make. */
const PAUSE_MS = 1000
/** A matter of one window, or the end: not of a scorer that is better left alone. */
const PASSING: readonly ErrorCode[] = ['AUSCULT_NON_FINITE', 'AUSCULT_QUEUE_CLOSED']
const MEMORY_BYTES = 32 * 2 ** 20
const NONE: readonly AuscultEvent[] = []

/**
 *     window ─▶ copy ─▶ (four wait a source) ─▶ scorer thread, one at a time ─▶ bytes ─▶ listeners
 *
 * Shows the newest windows of sources that somebody looks at with what the model expected. Nothing waits for it: while a picture is made,
 * windows are skipped and counted. Windows of other sources cost a look into a map.
 */
export class LiveView implements Analyst, Views {
  /** Pictures made, windows of watched sources that were not shown, and pictures that the scorer could not make. */
  shown = 0
  skipped = 0
  failed = 0
  readonly #options: LiveViewOptions
  readonly #watches = new Map<string, Watch>()
  #memory: WindowMemory | undefined
  #maker: PictureMaker | undefined
  #isBusy = false
  #complained = false

  constructor(options: LiveViewOptions) {
    this.#options = options
  }

  /** Sources that somebody looks at. */
  get watched(): number {
    return this.#watches.size
  }

  watch(source: string, listener: (view: ViewMessage) => void): () => void {
    const maker = this.#makerOrNone()
    if (!maker) return () => {}
    this.#memory ??= new WindowMemory(this.#options.windowSize, MEMORY_BYTES)
    const watch = this.#watches.get(source) ?? new Watch(this.#memory, maker.span)
    this.#watches.set(source, watch)
    const watcher: Watcher = { listener, isGreeted: false }
    watch.watchers.add(watcher)
    return () => {
      watch.watchers.delete(watcher)
      if (watch.watchers.size > 0 || this.#watches.get(source) !== watch) return
      watch.clear()
      this.#watches.delete(source)
      if (this.#watches.size === 0) this.#memory = undefined
    }
  }

  observe(score: Score, window: Float32Array): readonly AuscultEvent[] {
    const watch = this.#watches.get(score.source)
    // What was lost with a thread cannot be looked at.
    if (!watch || window.length !== this.#options.windowSize) return NONE
    this.skipped += watch.push(score, window)
    if (!this.#isBusy) void this.#work()
    return NONE
  }

  complete(event: EpisodeEvent): EpisodeEvent {
    return event
  }

  /** One picture after the other while there is something to show. Never throws. */
  async #work(): Promise<void> {
    const { clock } = this.#options
    this.#isBusy = true
    for (let next = this.#next(); next; next = this.#next()) {
      const left = next.askedAt + this.#pace() - clock.now()
      if (left > 0) {
        await clock.sleep(Math.min(left, PACE_OF_ALL_MS))
        continue
      }
      const asked = clock.now()
      next.askedAt = asked
      const isFine = await this.#show(next)
      const rest = Math.min(LONGEST_REST_MS, Math.max(PACE_OF_ALL_MS, (SHARE - 1) * (clock.now() - asked)))
      await clock.sleep(isFine ? rest : PAUSE_MS)
    }
    this.#isBusy = false
  }

  /** Of the sources with something to show the one that was shown least lately. */
  #next(): Watch | undefined {
    let next: Watch | undefined
    for (const watch of this.#watches.values()) {
      if (watch.isWaiting && (!next || watch.askedAt < next.askedAt)) next = watch
    }
    return next
  }

  #pace(): number {
    const { rows, columns } = this.#maker!
    return Math.max(PACE_MS, (2 * (4 / 3) * rows * columns * 1000) / BYTES_A_SECOND)
  }

  async #show(watch: Watch): Promise<boolean> {
    const memory = this.#memory!
    const { score, window } = watch.shift()!
    const asked = this.#options.explain(window)
    memory.giveBack(window)
    try {
      const reconstructed = await asked
      if (watch.watchers.size > 0) watch.tell(this.#message(watch, score, reconstructed), this.#maker!.axes)
      this.shown++
      return true
    } catch (error) {
      this.failed++
      watch.skipped++
      return error instanceof AuscultError && PASSING.includes(error.code)
    }
  }

  #message(watch: Watch, score: Score, reconstructed: Reconstructed): ViewMessage {
    const { rows, columns, unit } = this.#maker!
    const picture = this.#maker!.make(reconstructed)
    const { range, skipped } = watch
    range.take(picture)
    watch.skipped = 0
    const { low, high } = range
    const { source, id, time, duration, threshold, anomalous } = score
    return {
      ...{ type: 'view', source, id, time, duration, score: score.score, threshold, anomalous, skipped },
      ...{ rows, columns, low, high, unit },
      features: toBytes(picture.features, low, high),
      reconstruction: toBytes(picture.reconstruction, low, high),
    }
  }

  #makerOrNone(): PictureMaker | undefined {
    try {
      this.#maker ??= new PictureMaker(this.#options.featureMap())
    } catch (error) {
      if (!this.#complained)
        this.#options.logger.warn({ error: String(error) }, 'windows of this bundle have no picture')
      this.#complained = true
    }
    return this.#maker
  }
}
