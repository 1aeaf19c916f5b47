import type { FrontEnd } from './frontend.ts'

/**
 * Runs of `k` consecutive frames of a front end that gives `[frames, bins, 1]`: frames − k + 1 items `[k × bins]`, the earliest
 * frame first, as in the DCASE Task 2 baseline.
 */
export function stacked(inner: FrontEnd, k: number): FrontEnd {
  const [frames, bins] = inner.featureShape
  const spectrogram = new Float32Array(frames * bins)
  const items = frames - k + 1
  return {
    windowShape: inner.windowShape,
    items,
    featureShape: [k * bins],
    transform(window, out, offset = 0) {
      inner.transform(window, spectrogram)
      for (let t = 0; t < items; t++) {
        out.set(spectrogram.subarray(t * bins, (t + k) * bins), offset + t * k * bins)
      }
    },
  }
}
