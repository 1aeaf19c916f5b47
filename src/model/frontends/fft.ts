import { bluestein } from './bluestein.ts'
import { stockham } from './stockham.ts'

/** A discrete Fourier transform of complex numbers, `X[k] = Σ x[t]·exp(−2πi·k·t/n)`, unscaled, in place. */
export interface ComplexFft {
  readonly n: number
  forward(re: Float64Array, im: Float64Array): void
}

/** O(n log n) for every n: powers of two directly, other lengths through Bluestein's chirp. */
export function complexFft(n: number): ComplexFft {
  return isPowerOfTwo(n) ? stockham(n) : bluestein(n)
}

export const isPowerOfTwo = (n: number): boolean => Number.isInteger(Math.log2(n))

/**
 * The transform of n real values: bins 0 … ⌊n/2⌋, the other half being its mirror image. Computed in float64.
 * An even n costs one complex transform of n/2: even samples as real and odd samples as imaginary part, pulled apart
 * afterwards (Press et al., Numerical Recipes, §12.3).
 */
export class RealFft {
  readonly n: number
  /** ⌊n/2⌋ + 1 */
  readonly bins: number
  readonly #fft: ComplexFft
  readonly #re: Float64Array
  readonly #im: Float64Array
  readonly #cos: Float64Array
  readonly #sin: Float64Array

  /** @param n length, ≥ 1 */
  constructor(n: number) {
    this.n = n
    this.bins = Math.floor(n / 2) + 1
    this.#fft = complexFft(n % 2 === 0 ? n / 2 : n)
    this.#re = new Float64Array(this.#fft.n)
    this.#im = new Float64Array(this.#fft.n)
    this.#cos = Float64Array.from({ length: this.bins }, (_, k) => Math.cos((2 * Math.PI * k) / n))
    this.#sin = Float64Array.from({ length: this.bins }, (_, k) => -Math.sin((2 * Math.PI * k) / n))
  }

  /** @param input `[n]`, kept @param re,im `[bins]`, written */
  forward(input: Float32Array | Float64Array, re: Float64Array, im: Float64Array): void {
    if (this.n % 2 === 0) this.#even(input, re, im)
    else this.#odd(input, re, im)
  }

  #odd(input: Float32Array | Float64Array, re: Float64Array, im: Float64Array): void {
    this.#re.set(input)
    this.#im.fill(0)
    this.#fft.forward(this.#re, this.#im)
    re.set(this.#re.subarray(0, this.bins))
    im.set(this.#im.subarray(0, this.bins))
  }

  #even(input: Float32Array | Float64Array, re: Float64Array, im: Float64Array): void {
    const half = this.n / 2
    const zr = this.#re
    const zi = this.#im
    for (let i = 0; i < half; i++) {
      zr[i] = input[2 * i]
      zi[i] = input[2 * i + 1]
    }
    this.#fft.forward(zr, zi)
    for (let k = 0; k <= half; k++) {
      const a = k === half ? 0 : k
      const b = k === 0 ? 0 : half - k
      const evenRe = (zr[a] + zr[b]) / 2
      const evenIm = (zi[a] - zi[b]) / 2
      const oddRe = (zi[a] + zi[b]) / 2
      const oddIm = (zr[b] - zr[a]) / 2
      const c = this.#cos[k]
      const s = this.#sin[k]
      re[k] = evenRe + c * oddRe - s * oddIm
      im[k] = evenIm + c * oddIm + s * oddRe
    }
  }
}
