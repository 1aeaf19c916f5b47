import { dirname, relative, sep } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import type { Delivery, SourceReports, Window } from '../types.ts'
import { openRecording } from './decode.ts'
import { failureOf } from './failure.ts'
import type { FilesSourceConfig } from './files-config.ts'
import { listFiles } from './files-glob.ts'
import type { InputFormat } from './format.ts'
import { type Piece, replay } from './replay.ts'
import type { Source, WindowSpec } from './source.ts'

/** Where a file's first sample lies in the replay, in seconds at speed 1. */
interface Playing {
  readonly path: string
  readonly stream: string
  readonly pass: number
  readonly begin: number
  /** Samples or frames per second. */
  readonly rate: number
}

/**
 * Plays recordings one after the other, each cut into windows of its own. At speed 0 windows come as fast as they are pulled, else
 * each when its last sample would have been captured, or later when the consumer is late. Windows are stamped with the feed's own
 * time, which runs as at speed 1 at any speed, so that durations are those of the recording.
 * Reported failures: `decode` for a file (or the rest of it), `shape` for one of another kind or too short, `non_finite` for a window.
 */
export class FilesSource implements Source {
  readonly name: string
  readonly overflow = 'pause'
  readonly replays = true
  readonly #config: FilesSourceConfig
  readonly #spec: WindowSpec
  readonly #clock: Clock
  #files: string[] | undefined
  #start = 0
  #index = 0

  constructor(name: string, config: FilesSourceConfig, spec: WindowSpec, clock: Clock) {
    this.name = name
    this.#config = config
    this.#spec = spec
    this.#clock = clock
  }

  /** Lists the files, once. @throws AUSCULT_INPUT_MISSING */
  async open(): Promise<void> {
    const sound = this.#spec.sampleRate !== null
    this.#files ??= await listFiles(this.#config.path, { format: this.#input?.format, sound })
  }

  get #input(): InputFormat | undefined {
    return this.#config.input ?? this.#spec.format
  }

  async *deliveries(signal: AbortSignal, reports: SourceReports): AsyncIterable<Delivery> {
    await this.open()
    const files = this.#files!
    const root = commonFolder(files)
    this.#start = this.#clock.now()
    let begin = 0
    for (let pass = 0; pass < passes(this.#config.loop); pass++) {
      const before = this.#index
      for (const path of files) {
        await nextTurn()
        if (signal.aborted) return
        const stream = relative(root, path).split(sep).join('/')
        begin += yield* this.#play({ path, stream, pass, begin }, signal, reports)
      }
      const nothingToLoop = this.#index === before
      if (nothingToLoop || signal.aborted) return
    }
  }

  /** @returns the seconds that the file lasts at speed 1 */
  async *#play(
    file: Omit<Playing, 'rate'>,
    signal: AbortSignal,
    reports: SourceReports,
  ): AsyncGenerator<Delivery, number> {
    const { tail, frame_rate } = this.#config
    const { shape, sampleRate } = this.#spec
    const fail = (error: unknown) => reports.failed(failureOf(this.name, file.path, error))
    try {
      const recording = await openRecording(file.path, { format: this.#input, shape, sampleRate })
      const sound = recording.kind === 'audio'
      const playing = { ...file, rate: sound ? recording.sampleRate : frame_rate }
      for (const piece of replay(recording, this.#spec, tail)) {
        await this.#pace(playing, piece, signal)
        if (signal.aborted) break
        if (piece.data) yield { window: this.#window(playing, piece.offset, piece.data), ack: () => {} }
        else {
          fail(piece.error)
          await nextTurn()
        }
      }
      return (sound ? recording.length : recording.count) / playing.rate
    } catch (error) {
      fail(error)
      return 0
    }
  }

  async #pace({ begin, rate }: Playing, { offset, length }: Piece, signal: AbortSignal): Promise<void> {
    const { speed } = this.#config
    if (speed === 0) return
    const wait = this.#start + ((begin + (offset + length) / rate) * 1000) / speed - this.#clock.now()
    if (wait > 0) await this.#clock.sleep(wait, signal).catch(ignoreAbort(signal))
  }

  #window({ stream, pass, begin, rate }: Playing, offset: number, data: Float32Array): Window {
    return {
      source: this.name,
      id: `${this.name}/${stream}/${pass}/${offset}`,
      index: this.#index++,
      stream,
      offset,
      time: this.#start + (begin + offset / rate) * 1000,
      data,
      shape: this.#spec.shape,
    }
  }
}

const passes = (loop: FilesSourceConfig['loop']): number => (loop === true ? Infinity : Number(loop) || 1)

const ignoreAbort = (signal: AbortSignal) => (error: unknown) => {
  if (!signal.aborted) throw error
}

/** The deepest folder that holds all files, so that names stay the same wherever the recordings are kept. */
function commonFolder(files: readonly string[]): string {
  let folder = dirname(files[0])
  while (!files.every(file => file.startsWith(folder.endsWith(sep) ? folder : folder + sep))) folder = dirname(folder)
  return folder
}
