import { checkFinite, checkWindow } from './check.ts'
import { frameCount } from './framing.ts'
import type { FrontEnd } from './frontend.ts'
import { createSpectrogram, type SpectrogramOptions } from './spectrogram.ts'

/** STFT, mel or log-mel spectrogram of a window of samples, as `[frames, bins, 1]`. */
export function spectralFrontEnd(samples: number, options: SpectrogramOptions): FrontEnd {
  const spectrogram = createSpectrogram(options)
  const windowShape = [samples]
  const featureShape = [frameCount(samples, options), spectrogram.bins, 1]
  const size = featureShape[0] * featureShape[1]
  return {
    windowShape,
    items: 1,
    featureShape,
    transform(window, out, offset = 0) {
      checkWindow(window, windowShape)
      spectrogram.compute(window, out, offset)
      // Finite samples whose squares exceed float32 give infinite power.
      checkFinite(out.subarray(offset, offset + size), featureShape)
    },
  }
}
