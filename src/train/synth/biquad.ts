import { SAMPLE_RATE } from './frame.ts'

/**
 * Second-order filter in transposed direct form II. Coefficients after R. Bristow-Johnson, "Cookbook formulae for audio
 * equalizer biquad filter coefficients" (W3C note, 2021).
 */
export class Biquad {
  private s1 = 0
  private s2 = 0
  private readonly b0: number
  private readonly b1: number
  private readonly b2: number
  private readonly a1: number
  private readonly a2: number

  /** Coefficients are divided by the first of `a` here. */
  constructor(b: readonly [number, number, number], a: readonly [number, number, number]) {
    this.b0 = b[0] / a[0]
    this.b1 = b[1] / a[0]
    this.b2 = b[2] / a[0]
    this.a1 = a[1] / a[0]
    this.a2 = a[2] / a[0]
  }

  /** Filters a sample. */
  process(x: number): number {
    const y = this.b0 * x + this.s1
    this.s1 = this.b1 * x - this.a1 * y + this.s2
    this.s2 = this.b2 * x - this.a2 * y
    return y
  }

  /** Filters a block in place. */
  processAll(samples: Float32Array): void {
    for (let i = 0; i < samples.length; i++) samples[i] = this.process(samples[i])
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
