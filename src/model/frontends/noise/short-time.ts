import { type ComplexFft, complexFft, RealFft } from '../fft.ts'
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
  readonly bins: number
  readonly #nFft: number
  readonly #hop: number
  readonly #pad: number
  readonly #window: Float64Array
  readonly #total: number
  readonly #real: RealFft
  readonly #complex: ComplexFft
  readonly #re: Float64Array
  readonly #im: Float64Array

  constructor(nFft: number, hopLength: number) {
    this.#nFft = nFft
    this.#hop = hopLength
    this.#pad = Math.floor(nFft / 2)
    this.#window = hannWindow({ nFft, winLength: nFft })
    this.#total = this.#window.reduce((sum, value) => sum + value, 0)
    this.#real = new RealFft(nFft)
    this.#complex = complexFft(nFft)
    this.#re = new Float64Array(nFft)
    this.#im = new Float64Array(nFft)
    this.bins = this.#real.bins
  }

  forward(signal: Float32Array | Float64Array): Spectra {
    const { bins } = this
    const padded = new Float64Array(signal.length + 2 * this.#pad)
    padded.set(signal, this.#pad)
    const frames = 1 + Math.floor((padded.length - this.#nFft) / this.#hop)
    const re = new Float64Array(frames * bins)
    const im = new Float64Array(frames * bins)
    for (let t = 0; t < frames; t++) {
      const from = t * this.#hop
      for (let i = 0; i < this.#nFft; i++) this.#re[i] = (padded[from + i] * this.#window[i]) / this.#total
      this.#real.forward(this.#re, re.subarray(t * bins, (t + 1) * bins), im.subarray(t * bins, (t + 1) * bins))
    }
    return { frames, re, im }
  }

  /** @returns `[length]`; zeros where no frame reaches */
  inverse(spectra: Spectra, length: number): Float64Array {
    const sums = new Float64Array(Math.max(length + 2 * this.#pad, (spectra.frames - 1) * this.#hop + this.#nFft))
    const weights = new Float64Array(sums.length)
    const scale = this.#total / this.#nFft
    for (let t = 0; t < spectra.frames; t += 2) {
      this.#twoFrames(spectra, t)
      this.#add(this.#re, t, scale, sums, weights)
      if (t + 1 < spectra.frames) this.#add(this.#im, t + 1, scale, sums, weights)
    }
    return sums
      .subarray(this.#pad, this.#pad + length)
      .map((sum, i) => (weights[this.#pad + i] > 1e-10 ? sum / weights[this.#pad + i] : sum))
  }

  /** Two frames by one transform, the first as its real and the second as its imaginary part. */
  #twoFrames(spectra: Spectra, t: number): void {
    const { bins } = this
    const [re, im, n] = [this.#re, this.#im, this.#nFft]
    const hasSecond = t + 1 < spectra.frames
    for (let k = 0; k < bins; k++) {
      const at = t * bins + k
      const [aRe, aIm] = [spectra.re[at], spectra.im[at]]
      const bRe = hasSecond ? spectra.re[at + bins] : 0
      const bIm = hasSecond ? spectra.im[at + bins] : 0
      const mirrored = k === 0 ? 0 : n - k
      re[mirrored] = aRe + bIm
      im[mirrored] = bRe - aIm
      re[k] = aRe - bIm
      im[k] = aIm + bRe
    }
    // The inverse transform is the forward one with real and imaginary parts exchanged.
    this.#complex.forward(im, re)
  }

  #add(frame: Float64Array, t: number, scale: number, sums: Float64Array, weights: Float64Array): void {
    const from = t * this.#hop
    for (let i = 0; i < this.#nFft; i++) {
      const weight = this.#window[i]
      sums[from + i] += frame[i] * scale * weight
      weights[from + i] += weight * weight
    }
  }
}
