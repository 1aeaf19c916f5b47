import type { FrontEndConfig } from '../frontends/config.ts'
import { hzToMel, melToHz } from '../frontends/mel-filterbank.ts'
import { windowSamples } from '../frontends/rules.ts'
import { evenEdges, type FeatureAxis, indexAxis } from './axis.ts'

type SpectralConfig = Extract<FrontEndConfig, { n_fft: number }>
type MelConfig = Extract<FrontEndConfig, { n_mels: number }>
/** Front ends whose rows are bands of frequencies. */
type BandConfig = Extract<FrontEndConfig, { type: 'stft' | 'mel' | 'log-mel' }>

/** What the values of features are. */
export function unitOf(config: FrontEndConfig): string {
  switch (config.type) {
    case 'raw':
      return 'amplitude'
    case 'frame':
      if (!config.log1p) return 'value'
      return config.gain === 1 ? 'ln(1 + value)' : `ln(1 + ${config.gain} · value)`
    case 'features':
      return config.cmn ? 'value from the mean' : 'value'
    case 'log-mel':
      return config.cmn ? 'dB from the mean' : 'dB'
    case 'fft':
      if (config.to_db) return 'dB'
      return config.power === 1 ? 'amplitude' : 'power'
    case 'mfcc':
      return 'coefficient'
    case 'chroma':
      return config.norm === null ? 'energy' : 'energy, relative'
    case 'mel-chroma':
      return 'dB, or energy of a pitch class'
    default:
      return config.power === 1 ? 'amplitude' : 'power'
  }
}

/** Seconds at which the frames of a spectrogram begin and end: each reaches half a hop to both sides of its middle. */
export function frameEdges({ sample_rate, hop_length, n_fft, center }: SpectralConfig, frames: number): Float64Array {
  const from = (center ? 0 : n_fft / 2) - hop_length / 2
  return evenEdges(from / sample_rate, hop_length / sample_rate, frames)
}

/** Where mel bands lie: the middle of band m at (m + 1) steps from `first` on. */
export function melSteps({ sample_rate, n_mels, fmin, fmax, htk }: MelConfig): { first: number; step: number } {
  const first = hzToMel(fmin, htk)
  return { first, step: (hzToMel(fmax ?? sample_rate / 2, htk) - first) / (n_mels + 1) }
}

/** Hertz at which bands begin and end; a mel band reaches half a step to both sides of its middle. */
export function bandEdges(config: BandConfig, bands: number): Float64Array {
  const nyquist = config.sample_rate / 2
  if (config.type === 'stft') {
    return evenEdges(-0.5, 1, bands).map(k => Math.min(nyquist, Math.max(0, (k * config.sample_rate) / config.n_fft)))
  }
  const { first, step } = melSteps(config)
  return evenEdges(0.5, 1, bands).map(m => melToHz(first + m * step, config.htk))
}

/** Axes of a matrix with frames, samples or columns to the right (x), and bands or rows (y). */
export function axesOf(
  config: FrontEndConfig,
  columns: number,
  rows: number,
): { readonly x: FeatureAxis; readonly y: FeatureAxis | undefined } {
  switch (config.type) {
    case 'raw':
      return { x: timeAxis(evenEdges(0, 1 / config.sample_rate, columns)), y: undefined }
    case 'frame':
      return config.shape.length === 1
        ? { x: indexAxis('value', 'feature', columns, config.bin), y: undefined }
        : { x: indexAxis('column', 'region', columns, config.bin), y: indexAxis('row', 'region', rows, config.bin) }
    case 'features':
      return { x: indexAxis('frame', 'time', columns), y: indexAxis('bin', 'feature', rows) }
    case 'fft': {
      const step = config.sample_rate / windowSamples(config)
      const edges = evenEdges(-0.5 * step, step, columns).map(hz => Math.min(config.sample_rate / 2, Math.max(0, hz)))
      return { x: frequencyAxis(edges), y: undefined }
    }
    default:
      return { x: spectralTimes(config, columns), y: spectralRows(config, rows) }
  }
}

/** Frames, or the segments between beats, which lie elsewhere in each window. */
function spectralTimes(config: SpectralConfig, columns: number): FeatureAxis {
  if (config.beats !== null) return indexAxis('segment', 'time', columns)
  const end = windowSamples(config) / config.sample_rate
  return timeAxis(frameEdges(config, columns).map(seconds => Math.min(end, Math.max(0, seconds))))
}

function spectralRows(config: SpectralConfig, rows: number): FeatureAxis {
  switch (config.type) {
    case 'mfcc':
      return indexAxis('coefficient', 'feature', rows)
    case 'chroma':
      return indexAxis('chroma bin', 'feature', rows)
    case 'mel-chroma':
      return indexAxis('bin', 'feature', rows)
    default:
      return frequencyAxis(bandEdges(config, rows))
  }
}

const frequencyAxis = (edges: Float64Array): FeatureAxis => ({
  name: 'frequency',
  unit: 'Hz',
  edges,
  kind: 'frequency',
})

const timeAxis = (edges: Float64Array): FeatureAxis => ({ name: 'time', unit: 's', edges, kind: 'time' })
