/** Samples per second of everything that is synthesised. */
export const SAMPLE_RATE = 16_000

/**
 * Samples rendered at a time (4 ms). Slow controls change once a frame; whatever length a caller reads, the frames
 * are the same, so the sound does not depend on the size of the blocks it is read in.
 */
export const FRAME = 64

/** Seconds in a frame. */
export const FRAME_SECONDS = FRAME / SAMPLE_RATE

/** What all voices of one machine share while a frame is rendered. */
export interface Frame {
  /** Index of its first sample since the start. */
  start: number
  /** Mechanical load, 0 (idling) to 1 (full). */
  load: number
  /** Angle of the shaft at each sample, radians, never wrapped. `[FRAME]` */
  readonly angle: Float64Array
}

/** One origin of sound. Adds its pressure to `out`, `[FRAME]`; called for every frame in order. */
export interface Voice {
  add(frame: Frame, out: Float32Array): void
}

/** Amplitude ratio of a level in decibels. */
export const fromDecibels = (db: number): number => 10 ** (db / 20)

export const newFrame = (): Frame => ({ start: 0, load: 0.5, angle: new Float64Array(FRAME) })
