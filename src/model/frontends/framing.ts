/** How a signal is cut into overlapping frames, as in `librosa.stft`. */
export interface FramingOptions {
  nFft: number
  hopLength: number
  /** Samples that the window spans, ≤ nFft; the rest of the frame is zeros on both sides. */
  winLength: number
  /** Frame t is centred on sample t × hopLength: the signal is padded by nFft/2 on both sides. */
  center: boolean
  padMode: 'constant' | 'reflect'
}

export const paddingOf = (options: FramingOptions): number => (options.center ? Math.floor(options.nFft / 2) : 0)

/** Frames of a signal; 0 when it is shorter than one frame. */
export function frameCount(samples: number, options: FramingOptions): number {
  const padded = samples + 2 * paddingOf(options)
  return padded < options.nFft ? 0 : 1 + Math.floor((padded - options.nFft) / options.hopLength)
}

/** `[nFft]`: the periodic Hann window of `winLength`, centred in zeros. */
export function hannWindow({ nFft, winLength }: Pick<FramingOptions, 'nFft' | 'winLength'>): Float64Array {
  const window = new Float64Array(nFft)
  const start = Math.floor((nFft - winLength) / 2)
  for (let i = 0; i < winLength; i++) window[start + i] = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / winLength)
  return window
}

/**
 * Copies samples `from … from + count` of the padded signal to the start of `to`. Positions count from the signal's first
 * sample, so those in the padding are negative or past its end.
 */
export function copyPadded(
  signal: Float32Array,
  from: number,
  count: number,
  padMode: FramingOptions['padMode'],
  to: Float32Array,
): void {
  const first = Math.max(from, 0)
  const last = Math.max(first, Math.min(from + count, signal.length))
  if (last > first) to.set(signal.subarray(first, last), first - from)
  const pad = padMode === 'constant' ? () => 0 : (i: number) => signal[reflected(i, signal.length)]
  for (let i = from; i < Math.min(first, from + count); i++) to[i - from] = pad(i)
  for (let i = last; i < from + count; i++) to[i - from] = pad(i)
}

/** The index that `i` shows in two mirrors at 0 and length − 1, as `numpy.pad` reflects. */
function reflected(i: number, length: number): number {
  if (length === 1) return 0
  const period = 2 * (length - 1)
  const phase = ((i % period) + period) % period
  return phase < length ? phase : period - phase
}
