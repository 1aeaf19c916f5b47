import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { z } from '../config.ts'
import { AuscultError, messageOf } from '../errors.ts'
import type { Service } from '../lifecycle.ts'
import type { Logger } from '../logger.ts'
import { Baseline, type BaselineOptions } from '../model/drift/baseline.ts'
import { checkState, damaged } from '../model/drift/state.ts'
import type { Calibration } from '../model/manifest.ts'
import { createThreshold, type ThresholdPolicy } from '../model/threshold.ts'
import type { EventStore } from './store/event-store.ts'
import type { ComponentStatus } from './telemetry.ts'

export interface BaselineKeeperOptions {
  readonly options: Omit<BaselineOptions, 'threshold'>
  /** The threshold policy of a source now, and its calibration. */
  readonly policyOf: (source: string) => ThresholdPolicy
  readonly calibrationOf: (source: string) => Calibration
  /** Names bundle and configuration: what was learnt with others is not restored. */
  readonly key: string
  readonly store: Pick<EventStore, 'putState' | 'states'>
  readonly clock: Clock
  readonly logger: Logger
}

/** Of the baselines opened since start. */
export interface BaselineCounts {
  readonly restored: number
  /** Saved states that could not be used: these sources began anew. */
  readonly refused: number
  /** Baselines that could not be saved when it was their turn. */
  readonly unsaved: number
}

const PREFIX = 'baseline/'
/** So often some baselines are saved, each once in so many times: every five minutes. */
const TICK_MS = 1000
const TICKS = 300
/** Saved at a time at the stop. */
const CHUNK = 16
/** What is normal is not taken from so long ago. */
const KEEP_MS = 30 * 86_400_000

const entrySchema = z.strictObject({
  version: z.literal(1),
  key: z.string(),
  saved_at: z.number(),
  /** SHA-256 of the baseline's JSON: what was edited may look right. */
  sum: z.string(),
  baseline: z.unknown(),
})

interface Entry {
  readonly source: string
  readonly baseline: Baseline
  /** Of a feed that comes again after a restart: nothing of it is kept. */
  readonly replays: boolean
  /** Windows of the baseline when it was saved; −1: to be saved anyway. */
  saved: number
}

/** Holds what is normal for each source, and keeps it over restarts in the event store. */
export class BaselineKeeper implements Service {
  readonly name = 'baselines'
  readonly #options: BaselineKeeperOptions
  readonly #entries = new Map<string, Entry>()
  /** What the store holds of sources that have not been opened. */
  #known = new Map<string, unknown>()
  #timer: NodeJS.Timeout | undefined
  #saving: Promise<unknown> | undefined
  /** Turns that are due, in parts of TICKS. */
  #due = 0
  #turn = 0
  #counts = { restored: 0, refused: 0, unsaved: 0 }

  constructor(options: BaselineKeeperOptions) {
    this.#options = options
  }

  /** Reads what was saved; baselines that are open already go on from it. @throws AUSCULT_STORE */
  async start(): Promise<void> {
    this.#known = await this.#read()
    this.#dropOld()
    for (const entry of this.#entries.values()) this.#restore(entry)
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref()
  }

  /** Saves all that changed, as far as time allows. */
  async stop(deadline: number): Promise<void> {
    clearInterval(this.#timer)
    await this.#saving
    await this.save(deadline)
  }

  get counts(): BaselineCounts {
    return { ...this.#counts }
  }

  status(): ComponentStatus {
    const { unsaved } = this.#counts
    const ok = unsaved === 0
    return { ok, reason: ok ? `${this.#entries.size} sources` : `${unsaved} could not be saved` }
  }

  /**
   * The baseline of a source: as it was saved, where that is known, not too old and of the same bundle and configuration.
   * @param replays the source gives the same again after a restart: nothing is restored or saved
   */
  open(source: string, replays = false): Baseline {
    const known = this.#entries.get(source)
    if (known) return known.baseline
    const { options, policyOf, calibrationOf } = this.#options
    const baseline = new Baseline(calibrationOf(source), { ...options, threshold: policyOf(source) })
    const entry = { source, baseline, replays, saved: 0 }
    this.#entries.set(source, entry)
    this.#restore(entry)
    return baseline
  }

  /**
   * Policy or calibration of a source, or of all, were changed: their baselines are rebuilt in place.
   * @throws AUSCULT_CONFIG when a calibration does not allow its policy; nothing is changed then
   */
  rejudge(source?: string, { clearScores = false } = {}): void {
    const { policyOf, calibrationOf } = this.#options
    const named = source === undefined ? [...this.#entries.values()] : [this.#entries.get(source)]
    const changes = named.flatMap(entry => {
      if (!entry) return []
      const [policy, calibration] = [policyOf(entry.source), calibrationOf(entry.source)]
      createThreshold(calibration, policy)
      return [{ entry, policy, calibration }]
    })
    for (const { entry, policy, calibration } of changes) {
      entry.baseline.use({ policy, calibration }, clearScores)
      entry.saved = -1
    }
  }

  /** Saves what changed since it was saved last. */
  async save(deadline = Number.POSITIVE_INFINITY): Promise<void> {
    const changed = [...this.#entries.values()].filter(hasChanged)
    for (let i = 0; i < changed.length && Date.now() < deadline; i += CHUNK) {
      await Promise.all(changed.slice(i, i + CHUNK).map(entry => this.#write(entry)))
    }
  }

  /** Another process goes on with the source. */
  async released(source: string): Promise<void> {
    const entry = this.#entries.get(source)
    if (entry && hasChanged(entry)) await this.#write(entry)
  }

  async #read(): Promise<Map<string, unknown>> {
    const { store, logger } = this.#options
    try {
      const states = await store.states(PREFIX)
      return new Map([...states].map(([key, value]) => [key.slice(PREFIX.length), value]))
    } catch (error) {
      if (!(error instanceof AuscultError) || error.code !== 'AUSCULT_STATE') throw error
      this.#counts.refused++
      logger.warn({ error: messageOf(error) }, 'what was normal for the sources cannot be read, and is learnt anew')
      return new Map()
    }
  }

  #dropOld(): void {
    const { store, clock, logger } = this.#options
    for (const [source, raw] of this.#known) {
      const { success, data } = entrySchema.safeParse(raw)
      if (!success || clock.now() - data.saved_at <= KEEP_MS) continue
      this.#known.delete(source)
      logger.info({ source }, 'what was normal is too old, and is learnt anew')
      // Where the disk is full it goes the next time.
      store.putState(PREFIX + source, undefined).catch(() => {})
    }
  }

  #restore({ source, baseline, replays }: Entry): void {
    const raw = this.#known.get(source)
    this.#known.delete(source)
    if (raw === undefined || replays) return
    const { key, logger } = this.#options
    try {
      const saved = checkState(raw, entrySchema, 'baseline')
      if (saved.key !== key) {
        logger.info({ source }, 'what was normal is of another model or configuration, and is learnt anew')
        return
      }
      if (saved.sum !== sumOf(saved.baseline)) throw damaged('baseline', 'its checksum differs')
      const continued = baseline.restore(saved.baseline)
      this.#counts.restored++
      logger.debug({ source, continued }, 'what was normal goes on')
    } catch (error) {
      this.#counts.refused++
      logger.warn({ source, error: messageOf(error) }, 'what was normal cannot be used, and is learnt anew')
    }
  }

  /** Saves those whose turn it is. Nobody's turn comes while a disk is slow or full. */
  #tick(): void {
    if (this.#saving) return
    const entries = [...this.#entries.values()]
    this.#due += entries.length
    const length = Math.floor(this.#due / TICKS)
    this.#due -= length * TICKS
    if (length === 0) return
    const due = Array.from({ length }, () => entries[this.#turn++ % entries.length])
    this.#saving = Promise.all(due.filter(hasChanged).map(entry => this.#write(entry))).finally(() => {
      this.#saving = undefined
    })
  }

  async #write(entry: Entry): Promise<void> {
    const { store, key, clock, logger } = this.#options
    const { source, baseline } = entry
    const { windows } = baseline
    const before = entry.saved
    entry.saved = windows
    try {
      const state = baseline.snapshot()
      await store.putState(PREFIX + source, {
        version: 1,
        key,
        saved_at: clock.now(),
        sum: sumOf(state),
        baseline: state,
      } satisfies z.infer<typeof entrySchema>)
      this.#counts.unsaved = 0
    } catch (error) {
      entry.saved = before
      this.#counts.unsaved++
      logger.warn({ source, error: messageOf(error) }, 'what is normal could not be saved')
    }
  }
}

const sumOf = (state: unknown): string => createHash('sha256').update(JSON.stringify(state)).digest('base64')

const hasChanged = ({ baseline, replays, saved }: Entry): boolean => !replays && baseline.windows !== saved
