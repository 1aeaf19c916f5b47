import type { Delivery, SourceReports } from '../types.ts'
import type { InputFormat } from './format.ts'

/**
 * A feed of one source, or of several: windows may come under the feed's own name or under `name/key`. `deliveries` is called once; it
 * yields windows in order until the feed ends or the signal aborts, and then returns (it does not throw for an abort). A feed pauses
 * when its consumer does not pull: it never buffers without bound.
 * Input that cannot be decoded is reported and skipped, so that one bad file does not stop the feed. A feed whose origin is gone reports
 * itself `down` and tries to get it back.
 */
export interface Source {
  readonly name: string
  /** What to do when the daemon's queue is full: wait for room, or drop the oldest window of this feed. */
  readonly overflow: 'pause' | 'drop-oldest'
  /** Windows that were not acknowledged come again after a restart, with the same ids. They are acknowledged only once decided. */
  readonly resumable?: boolean
  /** After a restart the same input comes again from the beginning: what was learned from it is not kept, so that the outcome is the same. */
  readonly replays?: boolean
  /**
   * Checks what can be checked without the outside world, and that what must be there is, so that a daemon can refuse to start. Calling it is optional.
   * @throws AUSCULT_INPUT_MISSING, AUSCULT_CONFIG
   */
  open?(signal: AbortSignal): Promise<void>
  deliveries(signal: AbortSignal, reports: SourceReports): AsyncIterable<Delivery>
}

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
