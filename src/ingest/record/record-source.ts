import type { Clock } from '../../clock.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import type { Delivery, SourceReports } from '../../types.ts'
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

/** Records one source until it ends or the signal aborts. */
export class SourceRecording {
  readonly #source: Source
  readonly #spec: WindowSpec
  readonly #signal: AbortSignal
  readonly #logger: Logger
  readonly #recorder: Recorder
  readonly #counts = { files: 0, items: 0, failed: 0 }

  constructor(source: Source, { config, spec, clock, logger, signal }: RecordSourceOptions) {
    this.#source = source
    this.#spec = spec
    this.#signal = signal
    this.#logger = logger.child({ source: source.name })
    this.#recorder = new Recorder({
      source: source.name,
      config,
      sampleRate: spec.sampleRate,
      shape: spec.shape,
      clock,
      signal,
      events: logged(this.#logger, this.#counts),
    })
  }

  /** Checks that the source is there and that files can be made. @throws AUSCULT_INPUT_MISSING, AUSCULT_OUTPUT */
  async open(): Promise<void> {
    await this.#source.open?.(this.#signal)
    await this.#recorder.open()
  }

  /** @throws what the source throws, after everything that it gave is written */
  async run(): Promise<RecordedSource> {
    try {
      await pump(this.#source.deliveries(this.#signal, this.#reports()), this.#recorder)
    } catch (error) {
      this.#logger.error({ error: messageOf(error) }, 'source broke off')
      throw error
    } finally {
      await this.#recorder.close()
    }
    const { sampleRate } = this.#spec
    const { files, items, failed } = this.#counts
    return {
      source: this.#source.name,
      folder: this.#recorder.folder,
      files,
      seconds: sampleRate === null ? null : items / sampleRate,
      frames: sampleRate === null ? items : 0,
      failed,
      unwritten: this.#recorder.unwritten,
    }
  }

  /** Sources tell the log. */
  #reports(): SourceReports {
    const told = new Map<string, string>()
    return {
      failed: ({ reason, at, error, windows }) => {
        this.#counts.failed += windows
        this.#logger.warn({ reason, at, error: messageOf(error) }, 'a window could not be recorded')
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
      released: async () => {},
    }
  }
}

/** Hands windows to the recorder, and has it write what it holds while none comes. */
async function pump(deliveries: AsyncIterable<Delivery>, recorder: Recorder): Promise<void> {
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
      await recorder.flush()
      continue
    }
    if (result.done) return
    await recorder.take(result.value)
    next = iterator.next()
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
