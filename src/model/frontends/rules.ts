import { spatialAxes } from './frame.ts'
import { type FramingOptions, frameCount } from './framing.ts'

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
}

export interface Spectral extends Audio {
  n_fft: number
  hop_length: number
  win_length: number | null
  center: boolean
  pad_mode: 'constant' | 'reflect'
  stack: number | null
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
export const windowSamples = ({ sample_rate, window_seconds, window_samples }: Audio): number =>
  window_samples ?? Math.max(1, Math.round((window_seconds ?? 1) * sample_rate))

/** The STFT's options under their names in the code. */
export const framingOf = (config: Spectral): FramingOptions => ({
  nFft: config.n_fft,
  hopLength: config.hop_length,
  winLength: config.win_length ?? config.n_fft,
  center: config.center,
  padMode: config.pad_mode,
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
  const wanted = config.stack ?? 1
  if (frames >= wanted) return null
  const message = `a window of ${windowSamples(config)} samples gives ${frames} frames, but ${wanted} are needed`
  return { path: config.stack === null ? 'n_fft' : 'stack', message }
}

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
