export interface DecibelOptions {
  /** The value that becomes 0 dB, or `max` for the largest of the window. */
  ref: number | 'max'
  /** Smallest value taken: the floor is 10·log10(amin). */
  amin: number
  /** Values further below the window's largest are raised to it, in dB; null leaves them. */
  topDb: number | null
}

const FLOAT32_MAX = 3.4028234663852886e38

/**
 * `librosa.power_to_db` of `values[from … to)` in place. Power beyond the range of float32 is taken as its largest, 385 dB, so
 * that the result is finite.
 */
export function powerToDb(values: Float32Array, options: DecibelOptions, from: number, to: number): void {
  let max = Number.NEGATIVE_INFINITY
  for (let i = from; i < to; i++) {
    const power = Math.min(FLOAT32_MAX, Math.max(options.amin, values[i]))
    values[i] = 10 * Math.log10(power)
    if (values[i] > max) max = values[i]
  }
  const { floor, shift } = decibelLimits(max, options)
  for (let i = from; i < to; i++) values[i] = Math.max(values[i], floor) - shift
}

/** What is left to do once values are in dB: raise them to `floor`, then subtract `shift`. @param max the largest, in dB */
export function decibelLimits(max: number, { ref, amin, topDb }: DecibelOptions): { floor: number; shift: number } {
  return {
    floor: topDb === null ? Number.NEGATIVE_INFINITY : max - topDb,
    shift: ref === 'max' ? max : 10 * Math.log10(Math.max(amin, ref)),
  }
}
