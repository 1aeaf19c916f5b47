import type { BeatsConfig } from './beats/config.ts'
import { type Crop, cropProblem } from './crop.ts'
import { spatialAxes } from './frame.ts'
import { type FramingOptions, frameCount } from './framing.ts'
import type { NoiseReductionConfig } from './noise/config.ts'
import { binStep, frameStep, type SpectralGateOptions } from './noise/spectral-gate.ts'

type Problem = { path: string; message: string } | null
type Context = { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void }

/** A refinement that reports every rule that a configuration breaks. */
export const check =
  <T>(...rules: ((config: T) => Problem)[]) =>
  (config: T, context: Context): void => {
    for (const problem of rules.map(rule => rule(config))) {
      if (problem) context.addIssue({ code: 'custom', path: [problem.path], message: problem.message })
    }
  }

interface Audio {
  sample_rate: number
  window_seconds: number | null
  window_samples: number | null
  noise_reduction: NoiseReductionConfig
}

export interface Spectral extends Audio {
  n_fft: number
  hop_length: number
  win_length: number | null
  center: boolean
  pad_mode: 'constant' | 'reflect'
  beats: BeatsConfig
  stack: number | null
  crop: Crop | null
  mask_padding: boolean
}

/** What the bins of a spectral front end are. */
interface Bins {
  n_fft: number
  n_mels?: number
  n_chroma?: number
  n_mfcc?: number
}

export interface Cepstral {
  n_mels: number
  n_mfcc: number
}

export interface Band {
  sample_rate: number
  fmin: number
  fmax: number | null
}

interface Frame {
  shape: readonly number[]
}

/** Samples of a window. */
export const windowSamples = ({
  sample_rate,
  window_seconds,
  window_samples,
}: Omit<Audio, 'noise_reduction'>): number =>
  window_samples ?? Math.max(1, Math.round((window_seconds ?? 1) * sample_rate))

/** The STFT's options under their names in the code. */
export const framingOf = (config: Omit<Spectral, 'stack' | 'crop' | 'beats' | 'mask_padding'>): FramingOptions => ({
  nFft: config.n_fft,
  hopLength: config.hop_length,
  winLength: config.win_length ?? config.n_fft,
  center: config.center,
  padMode: config.pad_mode,
})

/** The options of the gate under their names in the code. */
export const gateOf = (sampleRate: number, gate: NonNullable<NoiseReductionConfig>): SpectralGateOptions => ({
  sampleRate,
  nFft: gate.n_fft,
  hopLength: gate.hop_length ?? Math.floor(gate.n_fft / 4),
  propDecrease: gate.prop_decrease,
  nStdThresh: gate.n_std_thresh_stationary,
  freqMaskSmoothHz: gate.freq_mask_smooth_hz,
  timeMaskSmoothMs: gate.time_mask_smooth_ms,
})

export const oneLength = ({ window_seconds, window_samples }: Audio): Problem =>
  window_seconds !== null && window_samples !== null
    ? { path: 'window_samples', message: 'give window_seconds or window_samples, not both' }
    : null

export const windowFits = ({ win_length, n_fft }: Spectral): Problem =>
  win_length !== null && win_length > n_fft
    ? { path: 'win_length', message: `${win_length} is longer than n_fft, which is ${n_fft}` }
    : null

/** The window is long enough for one frame, or for one stack. */
export const framesFit = (config: Spectral): Problem => {
  const frames = frameCount(windowSamples(config), framingOf(config))
  const wanted = config.beats === null ? (config.stack ?? 1) : 1
  if (frames >= wanted) return null
  const message = `a window of ${windowSamples(config)} samples gives ${frames} frames, but ${wanted} are needed`
  return { path: wanted === 1 ? 'n_fft' : 'stack', message }
}

/** Beats are found in centred frames, and there are enough frames to pool, and pooled ones to stack. */
export const beatsFit = (config: Spectral): Problem => {
  const { beats, center, stack } = config
  if (beats === null) return null
  if (!center) return { path: 'beats', message: 'beats are found in centred frames: set center to true' }
  const frames = frameCount(windowSamples(config), framingOf(config))
  if (frames < beats.frames) {
    return { path: 'beats', message: `${beats.frames} frames are wanted, but a window has ${frames} before pooling` }
  }
  return stack !== null && stack > beats.frames
    ? { path: 'stack', message: `${stack} frames are wanted, beats.frames leaves ${beats.frames}` }
    : null
}

/** The gate of the noise reduction has frames in the window, and smooths over one of its steps at least. */
export const gateFits = (config: Audio): Problem => {
  if (config.noise_reduction === null) return null
  const gate = gateOf(config.sample_rate, config.noise_reduction)
  const problem = (message: string) => ({ path: 'noise_reduction', message })
  const samples = windowSamples(config)
  if (samples < gate.nFft) return problem(`n_fft of ${gate.nFft} is longer than a window, which has ${samples} samples`)
  if (gate.hopLength > gate.nFft / 2) return problem(`hop_length of ${gate.hopLength} is more than half of n_fft`)
  const [hz, ms] = [binStep(gate), frameStep(gate)]
  if ((gate.freqMaskSmoothHz ?? hz) < hz) return problem(`freq_mask_smooth_hz must be ${hz} Hz at least, or null`)
  if ((gate.timeMaskSmoothMs ?? ms) < ms) return problem(`time_mask_smooth_ms must be ${ms} ms at least, or null`)
  return null
}

/** Frames of padding are known as long as each frame is one of the spectrogram, of the window as it came. */
export const maskFits = ({ mask_padding, ...config }: Spectral): Problem => {
  const other = (['noise_reduction', 'beats', 'stack', 'crop'] as const).find(name => config[name] !== null)
  return mask_padding && other ? { path: 'mask_padding', message: `give mask_padding or ${other}, not both` } : null
}

export const mfccFits = ({ n_mfcc, n_mels }: Cepstral): Problem =>
  n_mfcc > n_mels ? { path: 'n_mfcc', message: `${n_mfcc} coefficients are wanted of ${n_mels} mel bands` } : null

/** The filters lie between 0 and half the sample rate. */
export const bandFits = ({ fmin, fmax, sample_rate }: Band): Problem => {
  const highest = fmax ?? sample_rate / 2
  if (highest > sample_rate / 2)
    return { path: 'fmax', message: `is above half the sample rate, ${sample_rate / 2} Hz` }
  return fmin < highest ? null : { path: 'fmin', message: `is not below fmax, ${highest} Hz` }
}

export const binFits = ({ shape, bin }: Frame & { bin: number }): Problem =>
  shape.slice(0, spatialAxes(shape)).some(n => n % bin !== 0)
    ? { path: 'bin', message: `${bin} does not divide the shape ${shape.join(' × ')}` }
    : null

export const stackFits = ({ shape, stack }: Frame & { stack: number | null }): Problem =>
  stack !== null && stack > shape[0]
    ? { path: 'stack', message: `${stack} frames are wanted, the shape has ${shape[0]}` }
    : null

/** Frames of a window, before they are stacked or cropped. */
export const framesOfWindow = (config: Spectral | Frame): number =>
  'shape' in config ? config.shape[0] : (config.beats?.frames ?? frameCount(windowSamples(config), framingOf(config)))

const binsOf = ({ n_fft, n_mels = 0, n_chroma = 0, n_mfcc }: Bins): number =>
  n_mfcc ?? (n_mels + n_chroma || Math.floor(n_fft / 2) + 1)

const cropIssue = ({ crop, stack }: Pick<Spectral, 'crop' | 'stack'>, frames: number, bins: number): Problem => {
  const message = crop === null ? undefined : cropProblem(crop, stack, frames, bins)
  return message === undefined ? null : { path: 'crop', message }
}

export const cropFits = (config: Spectral & Bins): Problem => cropIssue(config, framesOfWindow(config), binsOf(config))

export const featuresCropFits = (config: Frame & Pick<Spectral, 'crop' | 'stack'>): Problem =>
  cropIssue(config, config.shape[0], config.shape[1])
