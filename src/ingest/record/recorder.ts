import { join } from 'node:path'
import type { Clock } from '../../clock.ts'
import { type OpenFile, openFile } from '../../disk.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import type { Delivery, Window } from '../../types.ts'
import type { RecordConfig } from './config.ts'
import { type Encoding, npyEncoding, wavEncoding } from './encoding.ts'
import { GrowingFile, recoverUnfinished } from './growing-file.ts'
import { enforceRetention, fileName, recordingName } from './retention.ts'

export interface RecorderOptions {
  readonly source: string
  readonly config: RecordConfig
  /** Samples per second; null for frames. */
  readonly sampleRate: number | null
  readonly shape: readonly number[]
  readonly clock: Clock
  /** Ends the wait for a disk that has no room. */
  readonly signal: AbortSignal
  readonly events: RecorderEvents
  readonly openFile?: OpenFile
}

export interface RecorderEvents {
  finished(path: string, items: number): void
  recovered(path: string): void
  deleted(path: string): void
  /** The disk refuses; the recorder tries again until it does not. Once for each stretch of trouble. */
  trouble(reason: string): void
  relieved(): void
}

/** Windows are written together up to this size, or this age (ms). */
const FLUSH_BYTES = 2 ** 20
const FLUSH_MS = 1000
const FIRST_RETRY = 1000
const LAST_RETRY = 30_000

/** A window that is not on the disk yet. */
interface Pending {
  readonly time: number
  readonly bytes: Uint8Array
  readonly ack: () => void
}

/**
 * Writes the windows of one source to files that end after a time, at a size, or where the sound has a gap. A window is acknowledged when it
 * is on the disk. While the disk is full or gone the recorder waits, and with it the source: nothing is lost unless the source drops it.
 */
export class Recorder {
  readonly folder: string
  readonly #options: RecorderOptions
  readonly #encoding: Encoding
  readonly #openFile: OpenFile
  #file: GrowingFile | undefined
  #pending: Pending[] = []
  #pendingBytes = 0
  #flushedAt = 0
  /** Time of the first window of the file, ms since the epoch. */
  #start: number | undefined
  #last: Window | undefined
  #trouble: string | undefined

  constructor(options: RecorderOptions) {
    const { source, config, sampleRate, shape } = options
    this.#options = options
    this.folder = join(config.folder, fileName(source))
    this.#encoding = sampleRate === null ? npyEncoding(shape) : wavEncoding(sampleRate, config.encoding)
    this.#openFile = options.openFile ?? openFile
  }

  /** Recovers what an interrupted recording has left, and checks that files can be made. @throws AUSCULT_OUTPUT */
  async open(): Promise<void> {
    const { events, source, clock } = this.#options
    try {
      for (const path of await recoverUnfinished(this.folder)) events.recovered(path)
      const probe = join(this.folder, recordingName(source, clock.now()) + this.#encoding.extension)
      await (await GrowingFile.create(probe, this.#encoding, this.#openFile)).finish()
    } catch (cause) {
      throw new AuscultError('AUSCULT_OUTPUT', `nothing can be recorded here: ${messageOf(cause)}`, {
        at: this.folder,
        cause,
        remedy: 'Check the rights and the free space of the folder, or set `record.folder` to another.',
      })
    }
    await this.#clean()
  }

  /** Why nothing can be written now. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Windows that are not on the disk: those that a stop during trouble gives up. */
  get unwritten(): number {
    return this.#pending.length
  }

  /** Takes a window; waits while the disk has no room. */
  async take({ window, ack }: Delivery): Promise<void> {
    if (this.#isFull(window) || !this.#follows(window)) await this.#finish()
    const bytes = this.#encoding.encode(window.data)
    this.#start ??= window.time
    this.#last = window
    this.#pending.push({ time: window.time, bytes, ack })
    this.#pendingBytes += bytes.length
    const isOld = this.#options.clock.now() - this.#flushedAt >= FLUSH_MS
    if (isOld || this.#pendingBytes >= FLUSH_BYTES) await this.flush()
  }

  /** Brings everything to the disk and acknowledges it. Tries again while that fails, until the signal aborts. */
  async flush(): Promise<void> {
    for (let retry = FIRST_RETRY; this.#pending.length > 0; retry = Math.min(LAST_RETRY, 2 * retry)) {
      try {
        this.#file ??= await this.#create(this.#pending[0].time)
        await this.#file.append(Buffer.concat(this.#pending.map(({ bytes }) => bytes)))
        this.#written()
      } catch (error) {
        await this.#suffer(error)
        if (this.#options.signal.aborted) return
        await this.#options.clock.sleep(retry, this.#options.signal).catch(() => {})
      }
    }
  }

  /** Writes what is left and finishes the file. */
  async close(): Promise<void> {
    await this.#finish()
  }

  #create(time: number): Promise<GrowingFile> {
    this.#start = time
    const path = join(this.folder, recordingName(this.#options.source, time) + this.#encoding.extension)
    return GrowingFile.create(path, this.#encoding, this.#openFile)
  }

  #written(): void {
    const pending = this.#pending
    this.#pending = []
    this.#pendingBytes = 0
    this.#flushedAt = this.#options.clock.now()
    if (this.#trouble !== undefined) this.#options.events.relieved()
    this.#trouble = undefined
    for (const { ack } of pending) ack()
  }

  /** Keeps what is on the disk as a recording of its own, and makes room if the configuration allows to. */
  async #suffer(error: unknown): Promise<void> {
    const reason = reasonOf(error)
    if (this.#trouble === undefined) this.#options.events.trouble(reason)
    this.#trouble = reason
    await this.#endFile().catch(() => {})
    await this.#clean()
  }

  async #finish(): Promise<void> {
    await this.flush()
    this.#start = undefined
    await this.#endFile().catch(error => this.#suffer(error))
    await this.#clean()
  }

  async #endFile(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    if (file && (await file.finish())) this.#options.events.finished(file.path, file.items)
  }

  async #clean(): Promise<void> {
    const { config, clock, events } = this.#options
    const bytes = config.keep_megabytes === null ? null : config.keep_megabytes * 1e6
    const retention = { days: config.keep_days, bytes }
    for (const path of await enforceRetention(config.folder, retention, clock.now())) events.deleted(path)
  }

  #isFull({ time, data }: Window): boolean {
    const { minutes, megabytes } = this.#options.config
    if (this.#start === undefined) return false
    const { headerBytes, itemBytes } = this.#encoding
    const items = this.#options.sampleRate === null ? 1 : data.length
    const bytes = (this.#file?.bytes ?? headerBytes) + this.#pendingBytes + items * itemBytes
    return time - this.#start >= minutes * 60_000 || bytes > megabytes * 1e6
  }

  /** Whether a window of sound begins where the last ended. Frames stand for themselves. */
  #follows({ stream, offset, time, data }: Window): boolean {
    const { sampleRate } = this.#options
    const last = this.#last
    if (sampleRate === null || !last) return true
    if (stream !== last.stream) return false
    const duration = (1000 * data.length) / sampleRate
    return offset === last.offset + last.data.length || Math.abs(time - last.time - duration) < duration / 2
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC') return 'the disk is full'
  if (code === 'EDQUOT') return 'the disk quota is used up'
  return messageOf(error)
}
