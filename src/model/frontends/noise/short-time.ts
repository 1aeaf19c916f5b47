import { complexFft } from '../fft.ts'
import { hannWindow } from '../framing.ts'

/** Spectra of overlapping frames, `[frames × bins]`. */
export interface Spectra {
  readonly frames: number
  readonly re: Float64Array
  readonly im: Float64Array
}

/**
 * `scipy.signal.stft` and `istft` with a Hann window, zeros of half a frame at both ends, and no others. Frames are scaled by the sum of
 * the window.
 */
export class ShortTimeFourier {
  readonly #nFft: number
  readonly #hop: number
  readonly #window: Float64Array
  readonly bins: number

  constructor(nFft: number, hopLength: number) {
    this.#nFft = nFft
    this.#hop = hopLength
    this.#window = hannWindow({ nFft, winLength: nFft })
    this.bins = Math.floor(nFft / 2) + 1
  }

  get #pad(): number {
    return Math.floor(this.#nFft / 2)
  }

  forward(signal: Float64Array): Spectra {
    const n = this.#nFft
    const frames = 1 + Math.floor((signal.length + 2 * this.#pad - n) / this.#hop)
    const fft = complexFft(n)
    const total = this.#window.reduce((sum, value) => sum + value, 0)
    const re = new Float64Array(n)
    const im = new Float64Array(n)
    const spectra = { frames, re: new Float64Array(frames * this.bins), im: new Float64Array(frames * this.bins) }
    for (let t = 0; t < frames; t++) {
      const from = t * this.#hop - this.#pad
      for (let i = 0; i < n; i++) re[i] = ((signal[from + i] ?? 0) * this.#window[i]) / total
      im.fill(0)
      fft.forward(re, im)
      spectra.re.set(re.subarray(0, this.bins), t * this.bins)
      spectra.im.set(im.subarray(0, this.bins), t * this.bins)
    }
    return spectra
  }

  /** @returns `[length]`; zeros where no frame reaches */
  inverse({ frames, re: allRe, im: allIm }: Spectra, length: number): Float64Array {
    const n = this.#nFft
    const fft = complexFft(n)
    const total = this.#window.reduce((sum, value) => sum + value, 0)
    const re = new Float64Array(n)
    const im = new Float64Array(n)
    const sums = new Float64Array(length)
    const weights = new Float64Array(length)
    for (let t = 0; t < frames; t++) {
      for (let k = 0; k < n; k++) {
        const mirrored = k < this.bins ? k : n - k
        re[k] = allRe[t * this.bins + mirrored]
        im[k] = (k < this.bins ? 1 : -1) * allIm[t * this.bins + mirrored]
      }
      // The inverse transform is the forward one with real and imaginary parts exchanged.
      fft.forward(im, re)
      const from = t * this.#hop - this.#pad
      const end = Math.min(n, length - from)
      for (let i = Math.max(0, -from); i < end; i++) {
        sums[from + i] += ((re[i] * total) / n) * this.#window[i]
        weights[from + i] += this.#window[i] ** 2
      }
    }
    return sums.map((sum, i) => (weights[i] > 1e-10 ? sum / weights[i] : sum))
  }
}
