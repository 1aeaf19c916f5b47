export interface DecibelOptions {
  /** The value that becomes 0 dB, or `max` for the largest of the window. */
  ref: number | 'max'
  /** Smallest value taken: the floor is 10·log10(amin). */
  amin: number
  /** Values further below the window's largest are raised to it, in dB; null leaves them. */
  topDb: number | null
}

/** 10·log10 of `values[from … to)` in place, nothing below `amin`. */
export function toDecibel(values: Float32Array, amin: number, from: number, to: number): void {
  for (let i = from; i < to; i++) values[i] = 10 * Math.log10(Math.max(amin, values[i]))
}

/** The second half of `librosa.power_to_db`, on values that are in dB already: clips, and subtracts the reference. */
export function referDecibel(values: Float32Array, options: DecibelOptions, from: number, to: number): void {
  const { ref, amin, topDb } = options
  let max = Number.NEGATIVE_INFINITY
  for (let i = from; i < to; i++) if (values[i] > max) max = values[i]
  if (topDb !== null) {
    const floor = max - topDb
    for (let i = from; i < to; i++) if (values[i] < floor) values[i] = floor
  }
  const shift = ref === 'max' ? max : 10 * Math.log10(Math.max(amin, ref))
  if (shift !== 0) for (let i = from; i < to; i++) values[i] -= shift
}
