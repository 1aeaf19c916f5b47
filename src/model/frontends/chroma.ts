import { checkFinite, checkLength } from './check.ts'
import { type ChromaFilterbankOptions, chromaFilterbank, joinedFilterbank } from './chroma-filterbank.ts'
import { type FramingOptions, frameCount } from './framing.ts'
import type { FrontEnd } from './frontend.ts'
import { applyMelFilterbank, type MelFilterbank } from './mel-filterbank.ts'
import { type DecibelOptions, powerToDb } from './power-to-db.ts'
import { createSpectrogram } from './spectrogram.ts'
import { estimateTuning } from './tuning.ts'

export interface ChromaOptions extends FramingOptions, Omit<ChromaFilterbankOptions, 'tuning'> {
  samples: number
  /** As a fraction of a chroma bin; null: estimated from each window. */
  tuning: number | null
  /** What the pitch classes of each frame are divided by: their largest, their sum, their Euclidean length, or nothing. */
  norm: 'max' | 1 | 2 | null
  /** Mel bands in dB that come before the pitch classes, or null. */
  mel: { readonly bank: MelFilterbank; readonly decibel: DecibelOptions } | null
}

/**
 * `librosa.feature.chroma_stft` of a window of samples as `[frames, nChroma, 1]`; with mel bands `[frames, nMels + nChroma, 1]`,
 * both from one power spectrogram.
 */
export function chromaFrontEnd(options: ChromaOptions): FrontEnd {
  const { samples, nChroma, norm, mel } = options
  const frames = frameCount(samples, options)
  const filtered = options.tuning === null ? tunedFilter(options, frames) : fixedFilter(options, options.tuning)
  const nMels = mel?.bank.nMels ?? 0
  const bins = nMels + nChroma
  const bands = new Float32Array(frames * nMels)
  const windowShape = [samples]
  const featureShape = [frames, bins, 1]
  return {
    windowShape,
    items: 1,
    featureShape,
    transform(window, out, offset = 0) {
      checkLength(window, windowShape)
      filtered(window, out, offset)
      checkFinite(out.subarray(offset, offset + frames * bins), featureShape)
      for (let t = 0; t < frames; t++) {
        const row = offset + t * bins
        bands.set(out.subarray(row, row + nMels), t * nMels)
        normalizeChroma(out.subarray(row + nMels, row + bins), norm)
      }
      if (!mel) return
      powerToDb(bands, mel.decibel, 0, bands.length)
      for (let t = 0; t < frames; t++) out.set(bands.subarray(t * nMels, (t + 1) * nMels), offset + t * bins)
    },
  }
}

/** Writes the filtered power spectrogram of a signal. */
type Filter = (signal: Float32Array, out: Float32Array, offset: number) => void

const POWER = { power: 2, decibel: null } as const

const bankOf = (options: ChromaOptions, tuning: number): MelFilterbank => {
  const chroma = chromaFilterbank({ ...options, tuning })
  return options.mel ? joinedFilterbank(options.mel.bank, chroma) : chroma
}

function fixedFilter(options: ChromaOptions, tuning: number): Filter {
  const spectrogram = createSpectrogram({ ...options, ...POWER, mel: bankOf(options, tuning) })
  return (signal, out, offset) => spectrogram.compute(signal, out, offset)
}

/** There are a hundred tunings at most; the banks of those that came are kept. */
function tunedFilter(options: ChromaOptions, frames: number): Filter {
  const { sampleRate, nFft, nChroma } = options
  const spectrogram = createSpectrogram({ ...options, ...POWER, mel: null })
  const { bins } = spectrogram
  const values = new Float32Array(frames * bins)
  const spectrum = new Float64Array(bins)
  const banks = new Map<number, MelFilterbank>()
  return (signal, out, offset) => {
    spectrogram.compute(signal, values, 0)
    const tuning = estimateTuning({ values, frames, bins, sampleRate, nFft }, nChroma)
    const bank = banks.get(tuning) ?? bankOf(options, tuning)
    banks.set(tuning, bank)
    for (let t = 0; t < frames; t++) {
      spectrum.set(values.subarray(t * bins, (t + 1) * bins))
      applyMelFilterbank(bank, spectrum, out, offset + t * bank.nMels)
    }
  }
}

/** Below the smallest normal float32 a frame is silent, and stays as it is. */
const TINY = 2 ** -126

function normalizeChroma(frame: Float32Array, norm: ChromaOptions['norm']): void {
  if (norm === null) return
  let length = 0
  for (const value of frame) length = norm === 'max' ? Math.max(length, value) : length + value ** norm
  if (norm === 2) length = Math.sqrt(length)
  if (length >= TINY) for (let c = 0; c < frame.length; c++) frame[c] /= length
}
