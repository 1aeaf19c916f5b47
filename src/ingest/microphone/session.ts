import type { Clock } from '../../clock.ts'
import type { SignalMonitor } from '../signal/signal-monitor.ts'
import type { WindowSpec } from '../source.ts'
import { type Cut, Windower } from '../windower.ts'
import { CaptureClock } from './capture-clock.ts'
import type { MicrophoneSourceConfig, RecorderName } from './config.ts'
import { Latest } from './latest.ts'
import { PcmDecoder } from './pcm.ts'
import { RecorderProcess } from './recorder-process.ts'
import { StreamResampler } from './stream-resampler.ts'

/** Windows that nobody takes are kept for so long (seconds), and up to this size (bytes), two at least. */
const KEPT_SECONDS = 10
const KEPT_BYTES = 8 * 2 ** 20
/** The stall is found after so many looks without sound. Looks stop while the process is busy, so that it does not take itself for a stall. */
const LOOKS = 5
/** Until the first sound a recorder has so long at least, seconds. */
const BEGINNING = 5

export interface Captured extends Cut {
  /** Capture time of the first sample, ms since the epoch. */
  readonly time: number
}

/** Windows of sound. */
export type SoundSpec = WindowSpec & { readonly sampleRate: number }

/** Places are `stream/offset`. */
export interface SessionEvents {
  /** The first sound has come. */
  heard(at: string): void
  /** Sound was lost before this place. */
  lost(at: string): void
  /** Nobody took the window at this place in time. */
  dropped(at: string): void
}

export interface SessionOptions {
  readonly config: MicrophoneSourceConfig
  readonly recorder: RecorderName
  readonly spec: SoundSpec
  readonly clock: Clock
  readonly monitor: SignalMonitor
  readonly events: SessionEvents
}

/** The life of one recorder: from its start to its end, its sound as windows. */
export class Session {
  /** ISO time of its start: names the recording session. */
  readonly stream: string
  readonly #options: SessionOptions
  readonly #decoder: PcmDecoder
  readonly #resampler: StreamResampler | undefined
  readonly #windower: Windower
  readonly #time: CaptureClock
  readonly #captured: Latest<Captured>
  readonly #process: RecorderProcess
  readonly #watch: NodeJS.Timeout
  #stopped: Promise<void> | undefined
  #position = 0
  #heard = false
  #looks = 0
  #reason = ''

  /** @throws AUSCULT_INPUT_INVALID for rates that cannot be converted, and the error of the system when no process can be made */
  static async begin(options: SessionOptions): Promise<Session> {
    const { config, spec } = options
    const rate = config.sample_rate ?? spec.sampleRate
    const at = `microphone at ${rate} Hz`
    return new Session(
      options,
      rate === spec.sampleRate ? undefined : await StreamResampler.create(at, rate, spec.sampleRate),
    )
  }

  private constructor(options: SessionOptions, resampler: StreamResampler | undefined) {
    const { config, recorder, spec, clock } = options
    const { device, driver, channels, channel } = config
    const [size] = spec.shape
    const sampleRate = config.sample_rate ?? spec.sampleRate
    this.#options = options
    this.#resampler = resampler
    this.#decoder = new PcmDecoder(channels, channel)
    this.#windower = new Windower({ size, hop: spec.hop })
    this.#time = new CaptureClock(sampleRate)
    this.#captured = new Latest(capacityFor(spec))
    this.stream = new Date(clock.now()).toISOString()
    this.#process = new RecorderProcess(
      { recorder, device, driver, channels, sampleRate },
      { data: bytes => this.#take(bytes), ended: reason => this.#end(reason) },
    )
    this.#watch = setInterval(() => this.#look(), (config.stall_seconds * 1000) / LOOKS)
  }

  /** Seconds of sound so far. */
  get seconds(): number {
    return this.#position / this.#options.spec.sampleRate
  }

  /** Why it ended. */
  get reason(): string {
    return this.#reason
  }

  /** The next window; undefined when the recorder is gone and all its windows were taken. */
  next(): Promise<Captured | undefined> {
    return this.#captured.take()
  }

  /** Resolves when the recorder is gone. */
  stop(): Promise<void> {
    this.#stopped ??= this.#process.stop()
    return this.#stopped
  }

  #take(bytes: Uint8Array): void {
    const { monitor, events, spec, clock } = this.#options
    const samples = this.#decoder.decode(bytes)
    if (samples.length === 0) return
    this.#looks = 0
    if (!this.#heard) {
      this.#heard = true
      events.heard(this.#at(0))
    }
    const now = performance.now()
    monitor.push(samples, now, this.#decoder.clipped)
    const lost = this.#time.push(samples.length, now, clock.now())
    if (lost > 0) this.#skip(lost)
    const sound = this.#resampler ? this.#resampler.push(samples) : samples
    this.#position += sound.length
    for (const cut of this.#windower.push(sound)) {
      const time = this.#time.timeAt((cut.offset * this.#recordedRate) / spec.sampleRate)
      const dropped = this.#captured.push({ ...cut, time })
      if (dropped) events.dropped(this.#at(dropped.offset))
    }
  }

  get #recordedRate(): number {
    return this.#options.config.sample_rate ?? this.#options.spec.sampleRate
  }

  /** Goes on behind lost sound, so that offsets keep telling the time. */
  #skip(samples: number): void {
    const { spec, events } = this.#options
    this.#position += Math.round((samples * spec.sampleRate) / this.#recordedRate)
    this.#windower.reset(this.#position)
    events.lost(this.#at(this.#position))
  }

  #at(offset: number): string {
    return `${this.stream}/${offset}`
  }

  #look(): void {
    const { recorder, config } = this.#options
    const seconds = this.#heard ? config.stall_seconds : Math.max(BEGINNING, config.stall_seconds)
    if (++this.#looks < (LOOKS * seconds) / config.stall_seconds || this.#stopped) return
    this.#reason = `${recorder} gave no sound for ${seconds} s`
    void this.stop()
  }

  #end(reason: string): void {
    clearInterval(this.#watch)
    this.#reason ||= reason
    this.#captured.close()
  }
}

function capacityFor({ shape: [size], hop, sampleRate }: SoundSpec): number {
  const inTime = Math.ceil((KEPT_SECONDS * sampleRate) / hop)
  const inSize = Math.floor(KEPT_BYTES / (size * Float32Array.BYTES_PER_ELEMENT))
  return Math.max(2, Math.min(inTime, inSize))
}
