import type { Clock } from '../../clock.ts'
import { AuscultError } from '../../errors.ts'
import type { Delivery, SourceReports } from '../../types.ts'
import type { Source, WindowSpec } from '../source.ts'
import { giveBack } from '../window-arrays.ts'
import type { MicrophoneSourceConfig } from './config.ts'
import type { Captured, Session, SoundSpec } from './session.ts'
import { StreamResampler } from './stream-resampler.ts'
import { Supervisor } from './supervisor.ts'

/** Ctrl-C ends a recorder together with this process: so long it is not news that it ended, ms. */
const MOMENT = 100

/**
 * Listens to a device through a recorder program, which it starts again whenever it ends, fails or stalls. Each start is a stream of its own, named by
 * its time. While there is no sound the source is `down`, with what the recorder said last. Windows carry the capture time of their first sample.
 * Capture never waits: up to 10 s of windows (8 MiB at most) are kept for a slow consumer, then the oldest fail as `overflow`.
 */
export class MicrophoneSource implements Source {
  readonly name: string
  readonly overflow = 'drop-oldest'
  readonly #config: MicrophoneSourceConfig
  readonly #spec: WindowSpec
  readonly #clock: Clock
  #index = 0

  constructor(name: string, config: MicrophoneSourceConfig, spec: WindowSpec, clock: Clock) {
    this.name = name
    this.#config = config
    this.#spec = spec
    this.#clock = clock
  }

  /**
   * A recorder or a device that is missing now may come later: that is no reason to refuse.
   * @throws AUSCULT_CONFIG when the model takes no sound, AUSCULT_INPUT_INVALID when `sample_rate` cannot be converted to the model's
   */
  async open(): Promise<void> {
    const { sampleRate } = soundSpec(this.name, this.#spec)
    const { sample_rate } = this.#config
    if (sample_rate !== null && sample_rate !== sampleRate) {
      await StreamResampler.create(`sources.${this.name}`, sample_rate, sampleRate)
    }
  }

  async *deliveries(signal: AbortSignal, reports: SourceReports): AsyncIterable<Delivery> {
    await this.open()
    const spec = soundSpec(this.name, this.#spec)
    const supervisor = new Supervisor({ source: this.name, config: this.#config, spec, clock: this.#clock, reports })
    for (let session = await supervisor.next(signal); session; session = await supervisor.next(signal)) {
      yield* this.#listen(session, signal)
      await this.#clock.sleep(MOMENT, signal).catch(() => {})
      if (!signal.aborted) supervisor.ended(session)
    }
  }

  async *#listen(session: Session, signal: AbortSignal): AsyncGenerator<Delivery> {
    const stop = () => void session.stop()
    signal.addEventListener('abort', stop)
    try {
      if (signal.aborted) stop()
      for (let captured = await session.next(); captured; captured = await session.next()) {
        const { data } = captured
        yield { window: this.#window(session.stream, captured), ack: () => {}, recycle: () => giveBack(data) }
      }
    } finally {
      signal.removeEventListener('abort', stop)
      await session.stop()
    }
  }

  #window(stream: string, { offset, time, data }: Captured): Delivery['window'] {
    const id = `${this.name}/${stream}/${offset}`
    return { source: this.name, id, index: this.#index++, stream, offset, time, data, shape: this.#spec.shape }
  }
}

/** @throws AUSCULT_CONFIG when the windows are not of sound */
function soundSpec(name: string, { sampleRate, ...spec }: WindowSpec): SoundSpec {
  if (sampleRate !== null) return { ...spec, sampleRate }
  throw new AuscultError('AUSCULT_CONFIG', 'a microphone gives sound, but frames are wanted', {
    at: `sources.${name}`,
    remedy: 'Use a bundle that was trained on sound (for `auscult record`: `record.sample_rate`), or another source.',
  })
}
