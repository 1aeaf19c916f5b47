import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atMost } from '../../at-most.ts'
import type { OpenFile } from '../../disk.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import type { Service } from '../../lifecycle.ts'
import type { Logger } from '../../logger.ts'
import { sizeOf } from '../../model/frontends/frontend.ts'
import type { AuscultEvent, Episode, EpisodeEvent, Explanation, Score } from '../../types.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Analyst } from '../telemetry.ts'
import { Case } from './case.ts'
import type { EvidenceConfig } from './config.ts'
import type { Evidence } from './evidence.ts'
import { EvidenceFiles, type KeptClip } from './evidence-files.ts'
import { EvidenceWriter, type EvidenceWriterOptions } from './evidence-writer.ts'
import { SourceWatch } from './source-watch.ts'
import type { Surroundings } from './surroundings.ts'
import { WindowMemory } from './window-memory.ts'

export interface EvidenceKeeperOptions extends EvidenceWriterOptions {
  readonly config: EvidenceConfig
  /** `store.path` of the daemon. */
  readonly storePath: string | null
  readonly store: Pick<EventStore, 'leftOpen' | 'episode'>
  /** Makes events durable and tells the sinks. */
  readonly publish: (events: readonly AuscultEvent[]) => Promise<unknown>
  readonly logger: Logger
  readonly openFile?: OpenFile
}

/** Explanations at one time. */
const AT_ONCE = 2
/** How often one explanation is tried. */
const TRIES = 3
const HOUSEKEEPING_MS = 60_000
/** A source that gives nothing for so long is forgotten. */
const IDLE_MS = 600_000
/** Between two looks whether the close of an episode is durable. */
const STEP_MS = 20
const LONGEST_STEP_MS = 5000
const MOST_LOOKS = 1000
const QUIET_MS = 10_000
const NONE: readonly AuscultEvent[] = []

/**
 *     window ─▶ copy ─▶ worst of each streak with its surroundings ─▶ scorer thread ─▶ explanation ─▶ files ─▶ episode.explained
 *
 * Keeps the worst window of each episode with those around it, has it explained while the episode is open and once more at its end, and
 * writes what explains it. The path of a window pays for a copy.
 */
export class EvidenceKeeper implements Service, Analyst {
  readonly name = 'evidence'
  /** Explanations made, explanations that failed, and episodes of which no window found room in memory. */
  explained = 0
  failed = 0
  skipped = 0
  readonly #options: EvidenceKeeperOptions
  readonly #memory: WindowMemory
  readonly #writer: EvidenceWriter
  readonly #watches = new Map<string, SourceWatch>()
  /** By episode, until all is written. */
  readonly #cases = new Map<string, Case>()
  /** Open ones by source. */
  readonly #open = new Map<string, Case>()
  readonly #due = new Set<Case>()
  readonly #publishing = new Set<Promise<void>>()
  readonly #stopping = new AbortController()
  #touched = new Set<string>()
  #settling: NodeJS.Immediate | undefined
  #active = 0
  #onQuiet: (() => void) | undefined
  #files: EvidenceFiles | undefined
  #temporary: string | undefined
  #timer: NodeJS.Timeout | undefined
  #complainedAt = Number.NEGATIVE_INFINITY

  constructor(options: EvidenceKeeperOptions) {
    this.#options = options
    const { config, spec } = options
    this.#writer = new EvidenceWriter(options)
    this.#memory = new WindowMemory(sizeOf(spec.shape), config.memory_mb * 2 ** 20)
  }

  /** Bytes on the disk. */
  get bytes(): number {
    return this.#files?.bytes ?? 0
  }

  /** Files on the disk. */
  get files(): number {
    return this.#files?.files ?? 0
  }

  /** Opens the folder, and goes on with episodes that an earlier process left open. @throws AUSCULT_OUTPUT */
  async start(): Promise<void> {
    const { config, storePath, store, openFile } = this.#options
    const folder = config.path ?? (storePath === null ? await this.#makeTemporary() : `${storePath}.evidence`)
    const maxBytes = config.max_mb === null ? null : config.max_mb * 2 ** 20
    const files = new EvidenceFiles({ folder, keepDays: config.keep_days, maxBytes, openFile })
    await files.open()
    this.#files = files
    for (const episode of store.leftOpen()) this.#begin(episode)
    this.#timer = setInterval(() => void this.keepHouse(), HOUSEKEEPING_MS)
    await this.keepHouse()
  }

  /** Writes what is due while three quarters of the time last, then lets go of everything. */
  async stop(deadline: number): Promise<void> {
    clearInterval(this.#timer)
    this.#settle()
    await atMost(
      (deadline - Date.now()) * 0.75,
      this.#quiet().then(() => this.#published()),
    )
    this.#stopping.abort()
    if (this.#cases.size > this.#open.size) {
      this.#options.logger.warn({ episodes: this.#cases.size - this.#open.size }, 'stopped before these were explained')
    }
    if (this.#temporary) await rm(this.#temporary, { recursive: true, force: true })
  }

  /** What is kept of an episode. @throws AUSCULT_STATE when its file is damaged */
  async read(episodeId: string): Promise<Evidence | undefined> {
    return this.#files?.read(episodeId)
  }

  /** Its clip as a file. @throws AUSCULT_STATE when it is damaged */
  async clip(episodeId: string): Promise<KeptClip | undefined> {
    return this.#files?.clip(episodeId)
  }

  observe(score: Score, window: Float32Array): readonly AuscultEvent[] {
    // What was lost with a thread cannot be looked at.
    if (window.length !== this.#memory.size) return NONE
    const watch = this.#watchOf(score.source)
    const context = Math.floor(this.#memory.capacity / 2 / this.#watches.size)
    watch.observe(score, window, Math.min(this.#options.config.windows_before, context))
    watch.seenAt = this.#options.clock.now()
    if (watch.streaks.length > 0) this.#touch(score.source)
    return NONE
  }

  complete(event: EpisodeEvent): EpisodeEvent {
    const { type, episode } = event
    if (type !== 'episode.opened' && type !== 'episode.updated' && type !== 'episode.closed') return event
    const found = this.#cases.get(episode.id) ?? this.#begin(episode)
    found.episode = episode
    this.#claim(found)
    if (found.isClosed) this.#close(found)
    this.#touch(episode.source)
    const { explanation } = found
    return explanation ? { ...event, episode: { ...episode, explanation } } : event
  }

  #begin(episode: Episode): Case {
    const begun = new Case(episode)
    this.#cases.set(episode.id, begun)
    this.#open.set(episode.source, begun)
    return begun
  }

  #watchOf(source: string): SourceWatch {
    const known = this.#watches.get(source)
    if (known) return known
    const { windows_before: before, windows_after: after } = this.#options.config
    const watch = new SourceWatch({ memory: this.#memory, before, after })
    this.#watches.set(source, watch)
    return watch
  }

  /** Episode events of a batch follow all of its windows: only then it is known to whom streaks belong. */
  #touch(source: string): void {
    this.#touched.add(source)
    this.#settling ??= setImmediate(() => this.#settle())
  }

  #settle(): void {
    clearImmediate(this.#settling)
    this.#settling = undefined
    const touched = this.#touched
    this.#touched = new Set()
    for (const source of touched) {
      const watch = this.#watches.get(source)
      const open = this.#open.get(source)
      if (!watch) continue
      for (const streak of watch.streaks) {
        if (open) open.adopt(streak, watch)
        else if (streak.ended) watch.forget(streak.around)
      }
      watch.streaks = watch.streaks.filter(({ ended }) => !ended)
      if (open?.isDue(this.#options.clock.now())) this.#due.add(open)
    }
    this.#work()
  }

  /** Gives an episode the streaks that lie in it. */
  #claim(found: Case): void {
    const { source, lastAt } = found.episode
    const watch = this.#watches.get(source)
    if (!watch) return
    const own = watch.streaks.filter(({ firstEnd }) => firstEnd <= lastAt)
    for (const streak of own) found.adopt(streak, watch)
    watch.streaks = watch.streaks.filter(streak => !own.includes(streak) || !(streak.ended || found.isClosed))
  }

  #close(found: Case): void {
    const { source } = found.episode
    if (this.#open.get(source) === found) this.#open.delete(source)
    if (found.around) {
      this.#due.add(found)
      return
    }
    if (found.isLost) this.skipped++
    this.#cases.delete(found.episode.id)
  }

  #work(): void {
    for (const found of this.#due) {
      if (this.#active >= AT_ONCE) return
      if (found.busy) continue
      this.#due.delete(found)
      this.#active++
      const isDue = found.isDue(this.#options.clock.now())
      found.busy = true
      void this.#workOn(found, isDue).finally(() => {
        found.busy = false
        this.#active--
        if (!found.isClosed && found.isDue(this.#options.clock.now())) this.#due.add(found)
        this.#work()
        if (this.#active === 0 && this.#due.size === 0) this.#onQuiet?.()
      })
    }
  }

  async #workOn(found: Case, isDue: boolean): Promise<void> {
    const wasClosed = found.isClosed
    try {
      if (isDue && found.around) await this.#explain(found, found.around)
      found.failures = 0
    } catch (error) {
      if (error instanceof AuscultError && error.canRetry && ++found.failures < TRIES) {
        this.#due.add(found)
        return
      }
      this.#complain(found, error)
    }
    if (wasClosed) this.#finish(found)
  }

  /** Explains the worst window and writes it down. */
  async #explain(found: Case, around: Surroundings): Promise<void> {
    found.asked(this.#options.clock.now())
    const explained = await this.#writer.explain(around)
    found.explanation = explained.explanation
    this.explained++
    // Another window is worse by now, and will be written down.
    if (found.around !== around) return
    const whole = !around.isGrowing
    await this.#writer.write(found.episode, around, explained, this.#files!)
    found.wrote(around, whole)
  }

  /** Lets go of a closed episode, and tells the world why it was one. */
  #finish(found: Case): void {
    const { id, source } = found.episode
    this.#cases.delete(id)
    this.#watches.get(source)?.forget(found.around)
    if (!this.#watches.has(source)) found.around?.release()
    const { explanation } = found
    if (!explanation) return
    const published = this.#publish(id, explanation)
      .catch(error => this.#complain(found, error))
      .finally(() => this.#publishing.delete(published))
    this.#publishing.add(published)
  }

  /** Once its close is durable, with what others have said of it by then. */
  async #publish(id: string, explanation: Explanation): Promise<void> {
    const { store, publish, clock } = this.#options
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const stored = await store.episode(id)
      if (stored?.state === 'closed') {
        const { seq: _, ...episode } = stored
        await publish([{ type: 'episode.explained', eventId: `${id}/explained`, episode: { ...episode, explanation } }])
        return
      }
      await clock.sleep(Math.min(LONGEST_STEP_MS, STEP_MS * 2 ** looks), this.#stopping.signal)
    }
  }

  #complain({ episode }: Case, error: unknown): void {
    if (this.#stopping.signal.aborted) return
    this.failed++
    const now = this.#options.clock.now()
    if (now - this.#complainedAt < QUIET_MS) return
    this.#complainedAt = now
    const details = { episode: episode.id, failed: this.failed, error: messageOf(error) }
    this.#options.logger.warn(details, 'an episode could not be explained')
  }

  /** Forgets sources that give nothing, and deletes what is too old. Called every minute. */
  async keepHouse(): Promise<void> {
    const now = this.#options.clock.now()
    for (const [source, watch] of this.#watches) {
      if (now - watch.seenAt < IDLE_MS || this.#open.has(source)) continue
      watch.clear()
      if (watch.isIdle) this.#watches.delete(source)
    }
    await this.#files?.trim(now)
  }

  /** Resolves when nothing is due. */
  #quiet(): Promise<void> {
    if (this.#active === 0 && this.#due.size === 0) return Promise.resolve()
    return new Promise(resolve => {
      this.#onQuiet = resolve
    })
  }

  async #published(): Promise<void> {
    await Promise.all(this.#publishing)
  }

  async #makeTemporary(): Promise<string> {
    this.#temporary = await mkdtemp(join(tmpdir(), 'auscult-evidence-'))
    return this.#temporary
  }
}
