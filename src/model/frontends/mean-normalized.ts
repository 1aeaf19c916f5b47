import type { FrontEnd } from './frontend.ts'
import type { RealFrames } from './padding.ts'

/**
 * Takes each bin's mean over the window off a spectrogram `[frames, bins, 1]` in dB: cepstral mean normalisation (Atal 1974) over
 * one window. A gain, or a colouring by room, microphone or state of the machine, adds the same to all frames and drops out.
 * @param realFrames how many frames of a window count; absent: all
 */
export function meanNormalized(inner: FrontEnd, realFrames?: RealFrames): FrontEnd {
  const [frames, bins] = inner.featureShape
  const mean = new Float64Array(bins)
  return {
    ...inner,
    transform(window, out, offset = 0) {
      inner.transform(window, out, offset)
      mean.fill(0)
      const counted = realFrames?.(window) ?? frames
      for (let t = 0; t < counted; t++) {
        for (let bin = 0; bin < bins; bin++) mean[bin] += out[offset + t * bins + bin] / counted
      }
      for (let t = 0; t < frames; t++) {
        for (let bin = 0; bin < bins; bin++) out[offset + t * bins + bin] -= mean[bin]
      }
    },
  }
}
