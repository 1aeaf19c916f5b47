import type { Normalization } from '../normalizer.ts'
import type { BeatsConfig } from './beats/config.ts'
import { beatPooled } from './beats/pooled.ts'
import { chromaFrontEnd } from './chroma.ts'
import type { FrontEndConfig } from './config.ts'
import { cropFrames, cropped } from './crop.ts'
import { featuresFrontEnd } from './features.ts'
import { frameFrontEnd } from './frame.ts'
import type { FrontEnd } from './frontend.ts'
import { meanNormalized } from './mean-normalized.ts'
import { type MelFilterbank, melFilterbank } from './mel-filterbank.ts'
import { mfccFrontEnd } from './mfcc.ts'
import { noiseReduced } from './noise/noise-reduced.ts'
import { normalized } from './normalized.ts'
import { paddingMasked, realFramesOf } from './padding.ts'
import { rawFrontEnd } from './raw.ts'
import { framingOf, gateOf, windowSamples } from './rules.ts'
import { spectralFrontEnd } from './spectral.ts'
import type { SpectrogramOptions } from './spectrogram.ts'
import { stacked } from './stack.ts'
import { wholeFftFrontEnd } from './whole-fft.ts'

/**
 * Builds the front end that a checked configuration describes. An instance keeps scratch memory: use one per thread.
 * @param normalization makes its output normalised. Frames are, before they are stacked: each is normalised once, not in each stack.
 */
export function createFrontEnd(config: FrontEndConfig, normalization?: Normalization): FrontEnd {
  const plain = plainFrontEnd(config)
  const realFrames =
    'mask_padding' in config && config.mask_padding ? realFramesOf(windowSamples(config), framingOf(config)) : undefined
  const centred = 'cmn' in config && config.cmn ? meanNormalized(plain, realFrames) : plain
  const pooled = 'beats' in config && config.beats !== null ? beatSynchronous(centred, config, config.beats) : centred
  const clean =
    'noise_reduction' in config && config.noise_reduction !== null
      ? noiseReduced(pooled, gateOf(config.sample_rate, config.noise_reduction))
      : pooled
  const inner = normalization ? normalized(clean, normalization) : clean
  if (realFrames) return paddingMasked(inner, realFrames)
  if ('crop' in config && config.crop !== null) return cropped(inner, cropFrames(config.crop, inner.featureShape[1]))
  return 'stack' in config && config.stack !== null ? stacked(inner, config.stack) : inner
}

function plainFrontEnd(config: FrontEndConfig): FrontEnd {
  switch (config.type) {
    case 'raw':
      return rawFrontEnd(windowSamples(config))
    case 'fft':
      return wholeFftFrontEnd({
        samples: windowSamples(config),
        window: config.window,
        power: config.power,
        decibel: config.to_db ? decibelOf(config) : null,
      })
    case 'frame':
      return frameFrontEnd(config)
    case 'features':
      return featuresFrontEnd(...config.shape)
    case 'mfcc':
      return mfccFrontEnd(spectralFrontEnd(spectrogramOptions(config)), { nMfcc: config.n_mfcc, lifter: config.lifter })
    case 'chroma':
    case 'mel-chroma':
      return pitchFrontEnd(config)
    default:
      return spectralFrontEnd(spectrogramOptions(config))
  }
}

type SpectralConfig = Extract<FrontEndConfig, { n_fft: number }>
type ChromaConfig = Extract<SpectralConfig, { n_chroma: number }>
/** Front ends that a spectrogram is all or the beginning of. */
export type SpectrogramConfig = Exclude<SpectralConfig, ChromaConfig>

/** The options of a spectral front end under their names in the code. */
export const spectrogramOptions = (config: SpectrogramConfig): SpectrogramOptions => ({
  samples: windowSamples(config),
  ...framingOf(config),
  power: config.power,
  mel: config.type === 'stft' ? null : filterbankOf(config),
  decibel: 'ref' in config ? decibelOf(config) : null,
})

const decibelOf = ({ ref, amin, top_db }: Extract<FrontEndConfig, { amin: number }>) => ({ ref, amin, topDb: top_db })

const pitchFrontEnd = (config: ChromaConfig): FrontEnd =>
  chromaFrontEnd({
    samples: windowSamples(config),
    sampleRate: config.sample_rate,
    ...framingOf(config),
    nChroma: config.n_chroma,
    tuning: config.tuning,
    ctroct: config.ctroct,
    octwidth: config.octwidth,
    norm: config.type === 'chroma' ? config.norm : config.chroma_norm,
    mel: config.type === 'chroma' ? null : { bank: filterbankOf(config), decibel: decibelOf(config) },
  })

const beatSynchronous = (inner: FrontEnd, config: SpectralConfig, beats: NonNullable<BeatsConfig>): FrontEnd =>
  beatPooled(inner, {
    samples: windowSamples(config),
    sampleRate: config.sample_rate,
    hopLength: config.hop_length,
    count: beats.frames,
    aggregate: beats.aggregate,
    startBpm: beats.start_bpm,
    tightness: beats.tightness,
    trim: beats.trim,
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
    case 'fft':
      return Math.floor(windowSamples(config) / 2) + 1
    case 'stft':
      return Math.floor(config.n_fft / 2) + 1
    case 'mfcc':
      return config.n_mfcc
    case 'chroma':
      return config.n_chroma
    case 'mel-chroma':
      return config.n_mels + config.n_chroma
    default:
      return config.n_mels
  }
}
