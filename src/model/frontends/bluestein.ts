import type { ComplexFft } from './fft.ts'
import { stockham } from './stockham.ts'

/**
 * The complex transform of any length as a convolution with a chirp, done with transforms of a power of two ≥ 2n − 1
 * (L. Bluestein, IEEE Trans. Audio Electroacoust. 18, 1970): kt = (k² + t² − (k − t)²)/2.
 */
export function bluestein(n: number): ComplexFft {
  const size = 2 ** Math.ceil(Math.log2(2 * n - 1))
  const fft = stockham(size)
  const chirpRe = new Float64Array(n)
  const chirpIm = new Float64Array(n)
  for (let t = 0; t < n; t++) {
    // t² is taken modulo 2n, so that the angle stays exact for long transforms.
    const angle = (-Math.PI * ((t * t) % (2 * n))) / n
    chirpRe[t] = Math.cos(angle)
    chirpIm[t] = Math.sin(angle)
  }
  const filterRe = new Float64Array(size)
  const filterIm = new Float64Array(size)
  for (let t = 0; t < n; t++) {
    const mirrored = (size - t) % size
    filterRe[t] = filterRe[mirrored] = chirpRe[t] / size
    filterIm[t] = filterIm[mirrored] = -chirpIm[t] / size
  }
  fft.forward(filterRe, filterIm)
  const re = new Float64Array(size)
  const im = new Float64Array(size)
  return {
    n,
    forward(outRe, outIm) {
      re.fill(0, n)
      im.fill(0, n)
      for (let t = 0; t < n; t++) {
        re[t] = outRe[t] * chirpRe[t] - outIm[t] * chirpIm[t]
        im[t] = outRe[t] * chirpIm[t] + outIm[t] * chirpRe[t]
      }
      fft.forward(re, im)
      for (let k = 0; k < size; k++) {
        const product = re[k] * filterRe[k] - im[k] * filterIm[k]
        im[k] = re[k] * filterIm[k] + im[k] * filterRe[k]
        re[k] = product
      }
      // The inverse transform is the forward one with real and imaginary parts exchanged.
      fft.forward(im, re)
      for (let k = 0; k < n; k++) {
        outRe[k] = re[k] * chirpRe[k] - im[k] * chirpIm[k]
        outIm[k] = re[k] * chirpIm[k] + im[k] * chirpRe[k]
      }
    },
  }
}
