import { type FSWatcher, watch } from 'node:fs'
import { stat, unlink } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../clock.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import { Retry } from '../../retry.ts'
import type { Delivery, SourceReports, Window } from '../../types.ts'
import { openRecording } from '../decode.ts'
import { failureOf } from '../failure.ts'
import type { InputFormat } from '../format.ts'
import { replay } from '../replay.ts'
import type { Source, WindowSpec } from '../source.ts'
import { Arrivals, type FoundFile } from './arrivals.ts'
import type { FolderSourceConfig } from './config.ts'
import { Journal } from './journal.ts'
import { moveInto } from './put-away.ts'
import { scanFolder } from './scan.ts'

/** Waits after the folder could not be read, ms. */
const RETRY = { firstMs: 1000, lastMs: 30_000 }
/** Between two searches, ms, however often files change. */
const LEAST_PAUSE = 20

/**
 * Plays each file that is dropped into a folder once, in order of arrival, as fast as windows are pulled. A file has been taken when its
 * last window is acknowledged; what was not is taken again after a restart, with the same window ids. Windows are stamped as if the file's last
 * sample had been captured when the file was last changed, but never before the end of the file before it.
 * Reported failures are those of `files`; such files are remembered too, and tried again when they change.
 */
export class FolderSource implements Source {
  readonly name: string
  readonly overflow = 'pause'
  readonly #config: FolderSourceConfig
  readonly #spec: WindowSpec
  readonly #clock: Clock
  readonly #folder: string
  readonly #journal: Journal
  readonly #arrivals: Arrivals
  /** Files that are being played, or were and wait for their last ack. */
  readonly #playing = new Set<string>()
  #reports: SourceReports | undefined
  #trouble: string | undefined
  #index = 0
  /** End of the last file, ms since the epoch. */
  #end = 0
  /** The system reported a change since the folder was last searched. */
  #changed = false
  #wake = () => {}

  constructor(name: string, config: FolderSourceConfig, spec: WindowSpec, clock: Clock) {
    this.name = name
    this.#config = config
    this.#spec = spec
    this.#clock = clock
    this.#folder = resolve(config.path)
    this.#journal = new Journal(config.state_path ?? join(this.#folder, `.auscult-${name}.jsonl`))
    this.#arrivals = new Arrivals(config.settle_seconds * 1000)
  }

  /** @throws AUSCULT_INPUT_MISSING without the folder, AUSCULT_OUTPUT when its state cannot be written */
  async open(): Promise<void> {
    const info = await stat(this.#folder).catch(() => undefined)
    if (!info?.isDirectory()) {
      throw new AuscultError('AUSCULT_INPUT_MISSING', info ? 'not a folder' : 'no such folder', {
        at: this.#config.path,
        remedy: 'Make the folder that files will be dropped into, or correct `path`.',
      })
    }
    this.#journal.open()
  }

  async *deliveries(signal: AbortSignal, reports: SourceReports): AsyncIterable<Delivery> {
    await this.open()
    this.#reports = reports
    const retry = new Retry(RETRY)
    while (!signal.aborted) {
      const watcher = this.#watch()
      try {
        const files = await this.#untaken().catch(error => this.#lost(error))
        this.#say()
        for (const file of this.#arrivals.update(files ?? [], this.#clock.now())) {
          if (signal.aborted) return
          yield* this.#play(file, signal, reports)
        }
        if (files) {
          retry.succeeded()
          await this.#wait(signal)
        } else await this.#clock.sleep(retry.failed(performance.now()).ms, signal).catch(() => {})
      } finally {
        watcher?.close()
      }
    }
  }

  #lost(error: unknown): undefined {
    this.#trouble = `the folder cannot be read: ${messageOf(error)}`
  }

  #say(): void {
    this.#reports?.condition(this.name, 'down', this.#trouble)
  }

  /** The files of the folder that are still to be taken; puts away those that were taken before a crash. */
  async #untaken(): Promise<FoundFile[]> {
    const wanted = { format: this.#input?.format ?? 'auto', sound: this.#spec.sampleRate !== null } as const
    this.#changed = false
    const files = (await scanFolder(this.#folder, wanted)).filter(file => !this.#isMoved(file))
    this.#trouble = undefined
    this.#remember(() => {
      this.#journal.flush()
      this.#journal.prune(new Set(files.map(file => file.name)))
    })
    const rest: FoundFile[] = []
    for (const file of files.filter(({ name }) => !this.#playing.has(name))) {
      const taken = this.#journal.find(file)
      if (!taken) rest.push(file)
      else if (!taken.failed) await this.#putAway(file)
    }
    return rest
  }

  get #input(): InputFormat | undefined {
    return this.#config.input ?? this.#spec.format
  }

  /** Whether it lies in the folder for files that were played, which may be inside. */
  #isMoved({ name }: FoundFile): boolean {
    const { after, move_to } = this.#config
    return after === 'move' && !relative(resolve(move_to!), join(this.#folder, name)).startsWith('..')
  }

  async *#play(file: FoundFile, signal: AbortSignal, reports: SourceReports): AsyncGenerator<Delivery> {
    const path = join(this.#folder, file.name)
    let open = 1
    let whole = true
    let failed: string | undefined
    const fail = (error: unknown) => {
      const failure = failureOf(this.name, path, error)
      if (failure.reason !== 'non_finite') failed = failure.reason
      reports.failed(failure)
    }
    const settle = () => {
      if (--open === 0) this.#finish({ ...file, ...(failed && { failed }) })
    }
    this.#arrivals.take(file.name)
    this.#playing.add(file.name)
    try {
      for await (const window of this.#windows(file, path, fail)) {
        if (signal.aborted) {
          whole = false
          break
        }
        open++
        yield { window, ack: settle }
      }
    } catch (error) {
      if (isGone(error)) {
        this.#playing.delete(file.name)
        return
      }
      fail(error)
    }
    if (whole) settle()
  }

  async *#windows(file: FoundFile, path: string, fail: (error: unknown) => void): AsyncGenerator<Window> {
    const { shape, sampleRate } = this.#spec
    const recording = await openRecording(path, { format: this.#input, shape, sampleRate })
    const [length, rate] =
      recording.kind === 'audio' ? [recording.length, recording.sampleRate] : [recording.count, this.#config.frame_rate]
    const begin = Math.max(file.mtimeMs - (length / rate) * 1000, this.#end)
    this.#end = begin + (length / rate) * 1000
    for (const { offset, data, error } of replay(recording, this.#spec, this.#config.tail)) {
      if (!data) {
        fail(error)
        await nextTurn()
        continue
      }
      yield {
        source: this.name,
        id: `${this.name}/${file.name}/${Math.round(file.mtimeMs)}/${offset}`,
        index: this.#index++,
        stream: file.name,
        offset,
        time: begin + (offset / rate) * 1000,
        data,
        shape,
      }
    }
  }

  /** All windows of a file have their outcome. Called from an ack, so it must not throw. */
  #finish(file: FoundFile & { failed?: string }): void {
    this.#remember(() => this.#journal.add(file))
    this.#playing.delete(file.name)
    if (!file.failed) void this.#putAway(file)
  }

  #remember(write: () => void): void {
    try {
      write()
    } catch (error) {
      this.#trouble = `${this.#journal.path} cannot be written: ${messageOf(error)}`
      this.#say()
    }
  }

  async #putAway({ name }: FoundFile): Promise<void> {
    const { after, move_to } = this.#config
    const path = join(this.#folder, name)
    try {
      if (after === 'delete') await unlink(path)
      else if (after === 'move') await moveInto(move_to!, name, path)
    } catch (error) {
      if (isGone(error)) return
      this.#trouble = `${path} cannot be put away: ${messageOf(error)}`
      this.#say()
    }
  }

  /** The system's reports of changes; searching now and then covers what they miss. */
  #watch(): FSWatcher | undefined {
    const changed = (_: unknown, name: string | null) => {
      if (name?.startsWith('.')) return
      this.#changed = true
      this.#wake()
    }
    try {
      return watch(this.#folder, changed).on('error', () => this.#wake())
    } catch {
      return undefined
    }
  }

  /** Until something changed, a file may have settled, or it is time to search again. */
  async #wait(signal: AbortSignal): Promise<void> {
    const settles = (this.#arrivals.nextSettles ?? Number.POSITIVE_INFINITY) - this.#clock.now()
    const patience = new AbortController()
    const stop = AbortSignal.any([signal, patience.signal])
    const changed = new Promise<void>(wake => {
      this.#wake = wake
      if (this.#changed) wake()
    })
    const longest = Math.min(settles, this.#config.rescan_seconds * 1000)
    const sleep = this.#clock.sleep(Math.max(LEAST_PAUSE, longest), stop).catch(() => {})
    await Promise.race([changed, sleep])
    patience.abort()
    if (this.#changed) await this.#clock.sleep(LEAST_PAUSE, signal).catch(() => {})
  }
}

const isGone = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === 'ENOENT' ||
  (error instanceof AuscultError && error.code === 'AUSCULT_INPUT_MISSING')
