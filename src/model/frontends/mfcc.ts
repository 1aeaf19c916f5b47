import type { FrontEnd } from './frontend.ts'

export interface MfccOptions {
  /** Coefficients that are kept, the lowest first. */
  nMfcc: number
  /** Coefficient n is multiplied by 1 + L/2 · sin(π(n + 1)/L); 0 leaves them. */
  lifter: number
}

/**
 * `librosa.feature.mfcc` from a log-mel spectrogram `[frames, nMels, 1]`: the orthonormal cosine transform (type 2) of each frame, as
 * `[frames, nMfcc, 1]`.
 */
export function mfccFrontEnd(logMel: FrontEnd, { nMfcc, lifter }: MfccOptions): FrontEnd {
  const [frames, nMels] = logMel.featureShape
  const matrix = cosineMatrix(nMels, nMfcc, lifter)
  const bands = new Float32Array(frames * nMels)
  return {
    ...logMel,
    featureShape: [frames, nMfcc, 1],
    transform(window, out, offset = 0) {
      logMel.transform(window, bands)
      for (let t = 0; t < frames; t++) {
        for (let n = 0; n < nMfcc; n++) {
          let sum = 0
          for (let m = 0; m < nMels; m++) sum += matrix[n * nMels + m] * bands[t * nMels + m]
          out[offset + t * nMfcc + n] = sum
        }
      }
    },
  }
}

/** `[nMfcc × nMels]` */
function cosineMatrix(nMels: number, nMfcc: number, lifter: number): Float64Array {
  return Float64Array.from({ length: nMfcc * nMels }, (_, i) => {
    const [n, m] = [Math.floor(i / nMels), i % nMels]
    const scale = Math.sqrt((n === 0 ? 1 : 2) / nMels)
    const lift = lifter === 0 ? 1 : 1 + (lifter / 2) * Math.sin((Math.PI * (n + 1)) / lifter)
    return lift * scale * Math.cos((Math.PI * n * (2 * m + 1)) / (2 * nMels))
  })
}
