/**
 * Turns a window into model input. One window gives `items` feature arrays of `featureShape` each: one for most front
 * ends, several where frames are stacked (DCASE: each 5 × 128 stack is an item, and a window's score is the mean over them).
 */
export interface FrontEnd {
  /** Shape of the window that is consumed: `[samples]`, or the shape of a frame. */
  readonly windowShape: readonly number[]
  readonly items: number
  readonly featureShape: readonly number[]
  /** Where items are crops of an image `[frames, bins, 1]`: what gives the image. Training takes crops from other places of it. */
  readonly uncropped?: FrontEnd
  /** Frames of a window before its padding, where those of padding are masked: they become 0, see paddingMasked. */
  readonly realFrames?: (window: Float32Array) => number
  /**
   * Writes `items × product(featureShape)` values to `out` from `offset` on, row-major. Not normalised: see Normalizer.
   * @throws AUSCULT_NON_FINITE when the window holds NaN or infinite values, AUSCULT_INPUT_SHAPE when its length is wrong
   */
  transform(window: Float32Array, out: Float32Array, offset?: number): void
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1)
