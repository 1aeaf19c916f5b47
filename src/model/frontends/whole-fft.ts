import { checkFinite, checkWindow } from './check.ts'
import { RealFft } from './fft.ts'
import { hannWindow } from './framing.ts'
import type { FrontEnd } from './frontend.ts'
import { type DecibelOptions, powerToDb } from './power-to-db.ts'

export interface WholeFftOptions {
  samples: number
  /** Applied before the transform: none (`boxcar`), or the periodic Hann window. */
  window: 'boxcar' | 'hann'
  /** Exponent of the magnitude. */
  power: 1 | 2
  /** Conversion to dB, or null. */
  decibel: DecibelOptions | null
}

/** `abs(numpy.fft.rfft(window)) ** power` of the whole window as `[⌊samples/2⌋ + 1, 1]`, optionally in dB. */
export function wholeFftFrontEnd({ samples, window: shape, power, decibel }: WholeFftOptions): FrontEnd {
  const fft = new RealFft(samples)
  const weights = shape === 'hann' ? hannWindow({ nFft: samples, winLength: samples }) : null
  const weighted = new Float64Array(samples)
  const re = new Float64Array(fft.bins)
  const im = new Float64Array(fft.bins)
  const windowShape = [samples]
  const featureShape = [fft.bins, 1]
  return {
    windowShape,
    items: 1,
    featureShape,
    transform(window, out, offset = 0) {
      checkWindow(window, windowShape)
      if (weights) for (let i = 0; i < samples; i++) weighted[i] = window[i] * weights[i]
      else weighted.set(window)
      fft.forward(weighted, re, im)
      for (let k = 0; k < fft.bins; k++) {
        const squared = re[k] * re[k] + im[k] * im[k]
        out[offset + k] = power === 2 ? squared : Math.sqrt(squared)
      }
      if (decibel) powerToDb(out, decibel, offset, offset + fft.bins)
      else checkFinite(out.subarray(offset, offset + fft.bins), featureShape)
    },
  }
}
