import type { Normalization } from '../normalizer.ts'
import type { FrontEndConfig } from './config.ts'
import { featuresFrontEnd } from './features.ts'
import { frameFrontEnd } from './frame.ts'
import type { FrontEnd } from './frontend.ts'
import { meanNormalized } from './mean-normalized.ts'
import { type MelFilterbank, melFilterbank } from './mel-filterbank.ts'
import { normalized } from './normalized.ts'
import { rawFrontEnd } from './raw.ts'
import { framingOf, windowSamples } from './rules.ts'
import { spectralFrontEnd } from './spectral.ts'
import type { SpectrogramOptions } from './spectrogram.ts'
import { stacked } from './stack.ts'

/**
 * Builds the front end that a checked configuration describes. An instance keeps scratch memory: use one per thread.
 * @param normalization makes its output normalised. Frames are, before they are stacked: each is normalised once, not in each stack.
 */
export function createFrontEnd(config: FrontEndConfig, normalization?: Normalization): FrontEnd {
  const plain = unstacked(config)
  const centred = 'cmn' in config && config.cmn ? meanNormalized(plain) : plain
  const inner = normalization ? normalized(centred, normalization) : centred
  return 'stack' in config && config.stack !== null ? stacked(inner, config.stack) : inner
}

function unstacked(config: FrontEndConfig): FrontEnd {
  switch (config.type) {
    case 'raw':
      return rawFrontEnd(windowSamples(config))
    case 'frame':
      return frameFrontEnd(config)
    case 'features':
      return featuresFrontEnd(...config.shape)
    default:
      return spectralFrontEnd(spectrogramOptions(config))
  }
}

type SpectralConfig = Extract<FrontEndConfig, { n_fft: number }>

/** The options of a spectral front end under their names in the code. */
export const spectrogramOptions = (config: SpectralConfig): SpectrogramOptions => ({
  samples: windowSamples(config),
  ...framingOf(config),
  power: config.power,
  mel: config.type === 'stft' ? null : filterbankOf(config),
  decibel: config.type === 'log-mel' ? { ref: config.ref, amin: config.amin, topDb: config.top_db } : null,
})

const filterbankOf = (config: Extract<FrontEndConfig, { n_mels: number }>): MelFilterbank =>
  melFilterbank({
    sampleRate: config.sample_rate,
    nFft: config.n_fft,
    nMels: config.n_mels,
    fmin: config.fmin,
    fmax: config.fmax ?? config.sample_rate / 2,
    htk: config.htk,
    norm: config.norm,
  })

/** Samples per second of the windows that a front end takes; null for frames and features. */
export const sampleRateOf = (config: FrontEndConfig): number | null =>
  'sample_rate' in config ? config.sample_rate : null

export type NormalizationMethod = FrontEndConfig['normalization']

/**
 * How the features of a front end are normalised: one affine map for all values (raw samples, detector frames), or one for each
 * entry of the bins axis. `length` is what NormalizerFit takes: value i of a flattened feature array uses entry i % length.
 */
export function normalizationOf(config: FrontEndConfig): { method: NormalizationMethod; length: number } {
  return { method: config.normalization, length: binsOf(config) }
}

function binsOf(config: FrontEndConfig): number {
  switch (config.type) {
    case 'raw':
    case 'frame':
      return 1
    case 'features':
      return config.shape[1]
    case 'stft':
      return Math.floor(config.n_fft / 2) + 1
    default:
      return config.n_mels
  }
}
