import type { Delivery } from '../types.ts'
import type { InputFormat } from './format.ts'

/**
 * A feed. `deliveries` is called once; it yields windows in order until the feed ends or the signal aborts, and then
 * returns (it does not throw for an abort). A source pauses when its consumer does not pull: it never buffers without bound.
 * Input that cannot be decoded is reported through `onFailure` and skipped, so that one bad file does not stop the feed.
 */
export interface Source {
  readonly name: string
  /** What to do when the daemon's queue is full: wait for room, or drop the oldest window of this source. */
  readonly overflow: 'pause' | 'drop-oldest'
  /**
   * Checks that the feed is there before windows are asked for, so that a daemon can refuse to start. Calling it is optional.
   * @throws AUSCULT_INPUT_MISSING
   */
  open?(signal: AbortSignal): Promise<void>
  deliveries(signal: AbortSignal, onFailure: FailureReport): AsyncIterable<Delivery>
  /** How the feed is doing now, for sources that outlive their troubles: asked at any time. */
  health?(): SourceHealth
}

export interface SourceHealth {
  /** Whether windows can come. While false the source tries to get them back. */
  readonly ok: boolean
  /** What is wrong. */
  readonly reason?: string
}

/** Tells the accounting about windows (usually one) that were received but could not be made into data. */
export type FailureReport = (failure: {
  source: string
  reason: string
  at: string
  error: unknown
  windows: number
}) => void

/** The windows that a bundle wants of its sources. */
export interface WindowSpec {
  /** `[samples]` for audio, else the shape of a frame. */
  readonly shape: readonly number[]
  /** Samples per second of audio windows; null for detector frames. */
  readonly sampleRate: number | null
  /** Samples from the start of one audio window to the start of the next; not used for frames. */
  readonly hop: number
  /** How the model's training files were read, for sources that read files. */
  readonly format?: InputFormat
}
