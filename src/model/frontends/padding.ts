import { type FramingOptions, frameCount, paddingOf } from './framing.ts'
import { type FrontEnd, sizeOf } from './frontend.ts'

/** Frames of a window that come before its padding, 1 … frames. */
export type RealFrames = (window: Float32Array) => number

/**
 * Padding is the digital silence (exact zeros) that a window ends with. Frames that lie wholly in it are not real, but for the first:
 * a network needs one.
 */
export function realFramesOf(samples: number, framing: FramingOptions): RealFrames {
  const frames = frameCount(samples, framing)
  const firstSample = Math.floor((framing.nFft - framing.winLength) / 2) - paddingOf(framing)
  return window => {
    let end = window.length
    while (end > 0 && window[end - 1] === 0) end--
    if (end === 0) return 1
    return Math.min(frames, Math.max(1, Math.ceil((end - firstSample) / framing.hopLength)))
  }
}

/** Makes the frames of padding 0 in all bins, which recurrent networks leave out. Normalisation comes before. */
export function paddingMasked(inner: FrontEnd, realFrames: RealFrames): FrontEnd {
  const size = sizeOf(inner.featureShape)
  const bins = size / inner.featureShape[0]
  return {
    ...inner,
    realFrames,
    transform(window, out, offset = 0) {
      inner.transform(window, out, offset)
      out.fill(0, offset + realFrames(window) * bins, offset + size)
    },
  }
}
