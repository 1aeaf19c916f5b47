import { ShortTimeFourier, type Spectra } from './short-time.ts'

export interface SpectralGateOptions {
  sampleRate: number
  nFft: number
  hopLength: number
  /** 0 … 1 */
  propDecrease: number
  nStdThresh: number
  freqMaskSmoothHz: number | null
  timeMaskSmoothMs: number | null
}

/** Half widths of the triangle that smooths the mask, in bins and frames; 1 where it is not smoothed. */
export const smoothingOf = (options: SpectralGateOptions): { bins: number; frames: number } => ({
  bins: Math.trunc(options.freqMaskSmoothHz === null ? 1 : options.freqMaskSmoothHz / binStep(options)),
  frames: Math.trunc(options.timeMaskSmoothMs === null ? 1 : options.timeMaskSmoothMs / frameStep(options)),
})

/** The least that can be smoothed over, in Hz; noisereduce's bins are counted two by two. */
export const binStep = ({ sampleRate, nFft }: Pick<SpectralGateOptions, 'sampleRate' | 'nFft'>): number =>
  sampleRate / (nFft / 2)

/** The least that can be smoothed over, in ms. */
export const frameStep = ({ sampleRate, hopLength }: Pick<SpectralGateOptions, 'sampleRate' | 'hopLength'>): number =>
  (hopLength / sampleRate) * 1000

/** Zeros that noisereduce puts on both sides. Only where its frames begin matters: fewer give the same numbers. */
const PADDING = 30_000

/**
 * `noisereduce.reduce_noise(stationary=True)` of a signal that is its own noise, taken as one chunk (T. Sainburg et al., Finding,
 * visualizing, and quantifying latent structure across diverse animal vocal repertoires, PLoS Comput. Biol. 16, 2020).
 * @returns a function from samples to as many samples
 */
export function spectralGate(options: SpectralGateOptions): (signal: Float32Array) => Float32Array {
  const { nFft, hopLength, propDecrease, nStdThresh } = options
  const transform = new ShortTimeFourier(nFft, hopLength)
  const smoothing = smoothingOf(options)
  const padding = aligned(2 * nFft + (smoothing.frames + 2) * hopLength, hopLength)
  const isSmoothed = smoothing.bins !== 1 || smoothing.frames !== 1
  return signal => {
    const thresholds = noiseLevels(transform.forward(signal), transform.bins, nStdThresh)
    const padded = new Float64Array(signal.length + 2 * padding)
    padded.set(signal, padding)
    const spectra = transform.forward(padded)
    const levels = decibels(spectra, transform.bins)
    const gate = gateOf(levels, thresholds, 1 - propDecrease)
    const mask = isSmoothed ? smoothed(gate, transform.bins, smoothing) : gate
    for (let i = 0; i < mask.length; i++) {
      spectra.re[i] *= mask[i]
      spectra.im[i] *= mask[i]
    }
    const cleaned = transform.inverse(spectra, padded.length)
    return Float32Array.from(cleaned.subarray(padding, padding + signal.length))
  }
}

/** 1 where a level is above its bin's threshold, else `closed`. */
function gateOf(levels: Float64Array, thresholds: Float64Array, closed: number): Float64Array {
  const gate = new Float64Array(levels.length)
  const bins = thresholds.length
  for (let row = 0; row < levels.length; row += bins) {
    for (let k = 0; k < bins; k++) gate[row + k] = levels[row + k] > thresholds[k] ? 1 : closed
  }
  return gate
}

/** The smallest number of zeros, `least` or more, with which frames begin where noisereduce's do. */
const aligned = (least: number, hop: number): number => {
  const rest = PADDING % hop
  return rest + Math.ceil((least - rest) / hop) * hop
}

const EPSILON = 2 ** -52
const TOP_DB = 80

/** `[frames × bins]`: levels in dB, each bin's raised to 80 dB below its loudest frame. */
function decibels({ frames, re, im }: Spectra, bins: number): Float64Array {
  const levels = new Float64Array(re.length)
  for (let i = 0; i < levels.length; i++)
    levels[i] = 20 * Math.log10(Math.sqrt(re[i] * re[i] + im[i] * im[i]) + EPSILON)
  for (let k = 0; k < bins; k++) {
    let largest = Number.NEGATIVE_INFINITY
    for (let t = 0; t < frames; t++) largest = Math.max(largest, levels[t * bins + k])
    for (let t = 0; t < frames; t++) levels[t * bins + k] = Math.max(levels[t * bins + k], largest - TOP_DB)
  }
  return levels
}

/** `[bins]`: mean and deviations of the levels over time. */
function noiseLevels(spectra: Spectra, bins: number, deviations: number): Float64Array {
  const { frames } = spectra
  const levels = decibels(spectra, bins)
  return Float64Array.from({ length: bins }, (_, k) => {
    let mean = 0
    for (let t = 0; t < frames; t++) mean += levels[t * bins + k] / frames
    let variance = 0
    for (let t = 0; t < frames; t++) variance += (levels[t * bins + k] - mean) ** 2 / frames
    return mean + deviations * Math.sqrt(variance)
  })
}

/** Convolved with a triangle along both axes; outside of the mask there are zeros. */
function smoothed(mask: Float64Array, bins: number, half: { bins: number; frames: number }): Float64Array {
  const alongBins = smoothedLines(mask, bins, half.bins)
  const result = new Float64Array(mask.length)
  triangle(half.frames).forEach((weight, i) => {
    const shift = (i - half.frames) * bins
    const end = Math.min(mask.length, mask.length - shift)
    for (let k = Math.max(0, -shift); k < end; k++) result[k] += weight * alongBins[k + shift]
  })
  return result
}

/** Lines of `length` values convolved with a triangle: two running sums of `half + 1` values, one after the other. */
function smoothedLines(values: Float64Array, length: number, half: number): Float64Array {
  const result = new Float64Array(values.length)
  const sums = new Float64Array(length + half)
  const scale = 1 / (half + 1) ** 2
  for (let line = 0; line < values.length; line += length) {
    let sum = 0
    for (let i = 0; i < sums.length; i++) {
      if (i < length) sum += values[line + i]
      if (i > half) sum -= values[line + i - half - 1]
      sums[i] = sum
    }
    sum = 0
    for (let i = 0; i < half; i++) sum += sums[i]
    for (let i = 0; i < length; i++) {
      sum += sums[i + half]
      result[line + i] = sum * scale
      sum -= sums[i]
    }
  }
  return result
}

/** `[2 × half + 1]`, of sum 1. */
const triangle = (half: number): Float64Array =>
  Float64Array.from({ length: 2 * half + 1 }, (_, i) => (half + 1 - Math.abs(i - half)) / (half + 1) ** 2)
