import type { Latents } from '../clusters/latents.ts'

/** Mean and covariance (lower triangle, row by row) of rows, the latter drawn to a multiple of the unit matrix. */
export interface ShrunkCovariance {
  /** `[d]` */
  readonly mean: Float64Array
  /** `[d (d + 1) / 2]`: (1 − shrinkage) S + shrinkage · (trace S / d) I, S being the maximum-likelihood covariance. */
  readonly covariance: Float64Array
  /** 0…1 */
  readonly shrinkage: number
}

/** @param shrinkage 0…1, or the one of least expected squared error (Ledoit and Wolf, 2004), as scikit-learn's `LedoitWolf` has it */
export function shrunkCovariance(latents: Latents, shrinkage: number | 'ledoit-wolf'): ShrunkCovariance {
  const { data, rows, dimensions: d } = latents
  const mean = new Float64Array(d)
  for (let i = 0; i < rows; i++) for (let j = 0; j < d; j++) mean[j] += data[i * d + j] / rows
  const covariance = new Float64Array((d * (d + 1)) / 2)
  /** Sum over rows of the fourth power of their distance to the mean. */
  let fourth = 0
  const delta = new Float64Array(d)
  for (let i = 0; i < rows; i++) {
    let squared = 0
    for (let j = 0; j < d; j++) {
      delta[j] = data[i * d + j] - mean[j]
      squared += delta[j] * delta[j]
    }
    fourth += squared * squared
    let place = 0
    for (let j = 0; j < d; j++) for (let k = 0; k <= j; k++) covariance[place++] += (delta[j] * delta[k]) / rows
  }
  let trace = 0
  for (let j = 0; j < d; j++) trace += covariance[diagonalAt(j)]
  const found = shrinkage === 'ledoit-wolf' ? best(covariance, d, rows, trace, fourth) : shrinkage
  for (let i = 0; i < covariance.length; i++) covariance[i] *= 1 - found
  for (let j = 0; j < d; j++) covariance[diagonalAt(j)] += (found * trace) / d
  return { mean, covariance, shrinkage: found }
}

const diagonalAt = (j: number): number => (j * (j + 1)) / 2 + j

function best(covariance: Float64Array, d: number, rows: number, trace: number, fourth: number): number {
  /** Squared Frobenius norm of S. */
  let size = 0
  let place = 0
  for (let j = 0; j < d; j++) for (let k = 0; k <= j; k++) size += (k === j ? 1 : 2) * covariance[place++] ** 2
  const dispersion = size - trace ** 2 / d
  const error = (fourth / rows - size) / rows
  return dispersion > 0 ? Math.max(0, Math.min(error, dispersion)) / dispersion : 1
}
