import type { InputFormat } from './format.ts'

/** One channel of sound, read on demand: nothing but the stretch that is asked for is held in memory. */
export interface AudioRecording {
  readonly kind: 'audio'
  readonly path: string
  /** Samples per second of what `read` gives: the rate that was asked for, else the file's own. */
  readonly sampleRate: number
  /** Samples per second in the file. */
  readonly fileSampleRate: number
  readonly channels: number
  /** Number of samples at `sampleRate`: ceil(file samples × sampleRate / fileSampleRate). */
  readonly length: number
  /**
   * Samples `start … start + count − 1`, mean over channels, in [−1, 1) for integer files. A fresh array of `count` samples.
   * The result does not depend on what was read before.
   * @throws AUSCULT_NON_FINITE with the position of the first NaN or infinite sample; AUSCULT_INPUT_INVALID when the file
   *   has changed or cannot be read; RangeError when the stretch is not inside the recording
   */
  read(start: number, count: number): Float32Array
  /** As `read`, but NaN and infinite samples are passed on. */
  readUnchecked(start: number, count: number): Float32Array
}

/** Detector frames or features, one array of `shape` each. */
export interface ArrayRecording {
  readonly kind: 'array'
  readonly path: string
  /** Number of frames. */
  readonly count: number
  readonly shape: readonly number[]
  /**
   * Frame `i`, row-major, a fresh array of product(shape) values.
   * @throws AUSCULT_NON_FINITE, AUSCULT_INPUT_INVALID; RangeError when there is no frame `i`
   */
  read(i: number): Float32Array
}

export type Recording = AudioRecording | ArrayRecording

export interface OpenOptions {
  /** Declared format; `auto` (by extension) when left out. */
  format?: Partial<InputFormat>
  /** Shape of one frame where `format.shape` does not say it: usually the model's window shape. */
  shape?: readonly number[]
  /** Rate to resample audio to; the file's own when left out or null. */
  sampleRate?: number | null
}
