import type { Clock } from '../../clock.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import type { SourceReports } from '../../types.ts'
import type { Source, WindowSpec } from '../source.ts'
import type { RecordConfig } from './config.ts'
import { Recorder, type RecorderEvents } from './recorder.ts'

export interface RecordSourceOptions {
  readonly config: RecordConfig
  readonly spec: WindowSpec
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** What was recorded of a source. */
export interface RecordedSource {
  readonly source: string
  readonly folder: string
  readonly files: number
  /** Of sound; null for frames. */
  readonly seconds: number | null
  readonly frames: number
  /** Windows that could not be made into data. */
  readonly failed: number
  /** Windows that a stop gave up because the disk refused them. */
  readonly unwritten: number
}

/** What waits for company is written after so long, ms. */
const FLUSH_MS = 1000

/** A source of the feed, and what was recorded of it. */
interface Recorded {
  readonly recorder: Recorder
  readonly counts: { files: number; items: number; failed: number }
}

/** Records one feed until it ends or the signal aborts, each of its sources to files of its own. */
export class FeedRecording {
  readonly #source: Source
  readonly #options: RecordSourceOptions
  readonly #logger: Logger
  readonly #recorded = new Map<string, Recorded>()

  constructor(source: Source, options: RecordSourceOptions) {
    this.#source = source
    this.#options = options
    this.#logger = options.logger.child({ source: source.name })
  }

  /** Checks that the source is there and that files can be made. @throws AUSCULT_INPUT_MISSING, AUSCULT_OUTPUT */
  async open(): Promise<void> {
    await this.#source.open?.(this.#options.signal)
    await this.#recorderOf(this.#source.name)
  }

  /** @throws what the source throws, after everything that it gave is written */
  async run(): Promise<RecordedSource[]> {
    try {
      await this.#pump()
    } catch (error) {
      this.#logger.error({ error: messageOf(error) }, 'source broke off')
      throw error
    } finally {
      for (const { recorder } of this.#recorded.values()) await recorder.close()
    }
    const { sampleRate } = this.#options.spec
    const all = [...this.#recorded].map(([source, { recorder, counts }]) => ({
      source,
      folder: recorder.folder,
      files: counts.files,
      seconds: sampleRate === null ? null : counts.items / sampleRate,
      frames: sampleRate === null ? counts.items : 0,
      failed: counts.failed,
      unwritten: recorder.unwritten,
    }))
    return all.filter(({ files, failed, unwritten }) => all.length === 1 || files + failed + unwritten > 0)
  }

  /** Hands windows to their recorders, and has these write what they hold while none comes. */
  async #pump(): Promise<void> {
    const deliveries = this.#source.deliveries(this.#options.signal, this.#reports())
    const iterator = deliveries[Symbol.asyncIterator]()
    let next = iterator.next()
    for (;;) {
      let timer: NodeJS.Timeout | undefined
      const pause = new Promise<'idle'>(resolve => {
        timer = setTimeout(resolve, FLUSH_MS, 'idle')
      })
      const result = await Promise.race([next, pause])
      clearTimeout(timer)
      if (result === 'idle') {
        for (const { recorder } of this.#recorded.values()) await recorder.flush()
        continue
      }
      if (result.done) return
      const delivery = result.value
      const recorder = await this.#recorderOf(delivery.window.source)
      // A window waits for company before it is written: a feed that waits for its windows would wait for that each time.
      delivery.hold?.()
      await recorder.take(delivery)
      next = iterator.next()
    }
  }

  async #recorderOf(source: string): Promise<Recorder> {
    const known = this.#recorded.get(source)
    if (known) return known.recorder
    const { config, spec, clock, signal } = this.#options
    const counts = { files: 0, items: 0, failed: 0 }
    const events = logged(this.#logger, counts)
    const { sampleRate, shape } = spec
    const recorder = new Recorder({ source, config, sampleRate, shape, clock, signal, events })
    await recorder.open()
    this.#recorded.set(source, { recorder, counts })
    return recorder
  }

  /** Sources tell the log. */
  #reports(): SourceReports {
    const told = new Map<string, string>()
    return {
      failed: ({ source, reason, at, error, windows }) => {
        const counted = this.#recorded.get(source) ?? this.#recorded.get(this.#source.name)
        if (counted) counted.counts.failed += windows
        this.#logger.warn({ from: source, reason, at, error: messageOf(error) }, 'a window could not be recorded')
      },
      condition: (source, condition, message) => {
        const key = `${source} ${condition}`
        if (message !== undefined && !told.has(key)) this.#logger.warn({ from: source, condition, message }, 'trouble')
        if (message === undefined && told.has(key)) this.#logger.info({ from: source, condition }, 'recovered')
        if (message === undefined) told.delete(key)
        else told.set(key, message)
      },
      gap: (source, at) => this.#logger.warn({ from: source, at }, 'data are missing here'),
      lag: () => {},
      restarted: source => this.#logger.info({ from: source }, 'started anew'),
      released: async source => await this.#recorded.get(source)?.recorder.close(),
    }
  }
}

function logged(logger: Logger, counts: { files: number; items: number }): RecorderEvents {
  return {
    finished: (file, items) => {
      counts.files++
      counts.items += items
      logger.info({ file }, 'recorded')
    },
    recovered: file => logger.info({ file }, 'recovered from an interrupted recording'),
    deleted: file => logger.info({ file }, 'deleted, as the configuration says'),
    trouble: reason => {
      const error = new AuscultError('AUSCULT_OUTPUT', reason)
      logger.error({ error: String(error) }, 'nothing can be written; waiting')
    },
    relieved: () => logger.info('writing again'),
  }
}
