import { checkFinite, checkLength } from './check.ts'
import { frameCount } from './framing.ts'
import type { FrontEnd } from './frontend.ts'
import { createSpectrogram, type SpectrogramOptions } from './spectrogram.ts'

/** STFT, mel or log-mel spectrogram of a window of samples, as `[frames, bins, 1]`. */
export function spectralFrontEnd(options: SpectrogramOptions): FrontEnd {
  const { samples } = options
  const spectrogram = createSpectrogram(options)
  const windowShape = [samples]
  const featureShape = [frameCount(samples, options), spectrogram.bins, 1]
  const size = featureShape[0] * featureShape[1]
  return {
    windowShape,
    items: 1,
    featureShape,
    transform(window, out, offset = 0) {
      checkLength(window, windowShape)
      spectrogram.compute(window, out, offset)
      // Finite samples may give a power beyond float32; decibels are always finite.
      if (!options.decibel) checkFinite(out.subarray(offset, offset + size), featureShape)
    },
  }
}
