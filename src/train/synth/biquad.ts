import { SAMPLE_RATE } from './frame.ts'

/**
 * Second-order filter in transposed direct form II. Coefficients after R. Bristow-Johnson, "Cookbook formulae for audio
 * equalizer biquad filter coefficients" (W3C note, 2021).
 */
export class Biquad {
  private s1 = 0
  private s2 = 0
  private readonly b: readonly [number, number, number]
  private readonly a: readonly [number, number]

  /** Coefficients are divided by `a0` here. */
  constructor(b: readonly [number, number, number], a: readonly [number, number, number]) {
    this.b = [b[0] / a[0], b[1] / a[0], b[2] / a[0]]
    this.a = [a[1] / a[0], a[2] / a[0]]
  }

  process(x: number): number {
    const y = this.b[0] * x + this.s1
    this.s1 = this.b[1] * x - this.a[0] * y + this.s2
    this.s2 = this.b[2] * x - this.a[1] * y
    return y
  }
}

const angles = (hz: number, q: number) => {
  const w = (2 * Math.PI * hz) / SAMPLE_RATE
  return { cos: Math.cos(w), alpha: Math.sin(w) / (2 * q) }
}

/** Band-pass with 0 dB at its centre. */
export function bandPass(hz: number, q: number): Biquad {
  const { cos, alpha } = angles(hz, q)
  return new Biquad([alpha, 0, -alpha], [1 + alpha, -2 * cos, 1 - alpha])
}

export function lowPass(hz: number, q = Math.SQRT1_2): Biquad {
  const { cos, alpha } = angles(hz, q)
  return new Biquad([(1 - cos) / 2, 1 - cos, (1 - cos) / 2], [1 + alpha, -2 * cos, 1 - alpha])
}

export function highPass(hz: number, q = Math.SQRT1_2): Biquad {
  const { cos, alpha } = angles(hz, q)
  return new Biquad([(1 + cos) / 2, -1 - cos, (1 + cos) / 2], [1 + alpha, -2 * cos, 1 - alpha])
}

/** Raises (or lowers) the surroundings of one frequency by `db`: a mode of a housing. */
export function peak(hz: number, q: number, db: number): Biquad {
  const { cos, alpha } = angles(hz, q)
  const gain = 10 ** (db / 40)
  return new Biquad([1 + alpha * gain, -2 * cos, 1 - alpha * gain], [1 + alpha / gain, -2 * cos, 1 - alpha / gain])
}
