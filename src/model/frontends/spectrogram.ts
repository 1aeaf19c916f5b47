import { checkFinite } from './check.ts'
import { RealFft } from './fft.ts'
import { copyPadded, type FramingOptions, frameCount, hannWindow, paddingOf } from './framing.ts'
import { applyMelFilterbank, type MelFilterbank } from './mel-filterbank.ts'
import { type DecibelOptions, powerToDb } from './power-to-db.ts'
import { laneSpectrogram, lanesFit } from './wasm/lane-spectrogram.ts'

export interface SpectrogramOptions extends FramingOptions {
  /** Length of the signal. */
  samples: number
  /** Exponent of the magnitude: 1 or 2. */
  power: 1 | 2
  /** Filters over the bins, or null for the bins themselves. */
  mel: MelFilterbank | null
  /** Conversion to dB, or null. */
  decibel: DecibelOptions | null
}

/** |STFT|^power of a signal, optionally through a mel filter bank, optionally in dB. */
export interface Spectrogram {
  /** Values of a frame: mel bands, or ⌊nFft/2⌋ + 1. */
  readonly bins: number
  /**
   * @param signal `[samples]` @param out `[frames × bins]` from `offset` on, written, row-major
   * @throws AUSCULT_NON_FINITE
   */
  compute(signal: Float32Array, out: Float32Array, offset: number): void
}

/** The fastest implementation for these options on this machine. */
export function createSpectrogram(options: SpectrogramOptions): Spectrogram {
  return lanesFit(options) ? laneSpectrogram(options) : scalarSpectrogram(options)
}

/** One frame at a time in float64: for every n_fft, and the reference of the vectorised one. */
export function scalarSpectrogram(options: SpectrogramOptions): Spectrogram {
  const { samples, nFft, hopLength, padMode, power, mel, decibel } = options
  const fft = new RealFft(nFft)
  const window = hannWindow(options)
  const piece = new Float32Array(nFft)
  const frame = new Float64Array(nFft)
  const re = new Float64Array(fft.bins)
  const im = new Float64Array(fft.bins)
  const bins = mel ? mel.nMels : fft.bins

  const spectrumOf = (signal: Float32Array, position: number): Float64Array => {
    copyPadded(signal, position, nFft, padMode, piece)
    for (let i = 0; i < nFft; i++) frame[i] = piece[i] * window[i]
    fft.forward(frame, re, im)
    for (let k = 0; k < fft.bins; k++) {
      const squared = re[k] * re[k] + im[k] * im[k]
      re[k] = power === 2 ? squared : Math.sqrt(squared)
    }
    return re
  }

  return {
    bins,
    compute(signal, out, offset) {
      checkFinite(signal, [samples])
      const end = offset + frameCount(samples, options) * bins
      let position = -paddingOf(options)
      for (let row = offset; row < end; row += bins, position += hopLength) {
        const spectrum = spectrumOf(signal, position)
        if (mel) applyMelFilterbank(mel, spectrum, out, row)
        else out.set(spectrum, row)
      }
      if (decibel) powerToDb(out, decibel, offset, end)
    },
  }
}
