import { readFileSync } from 'node:fs'
import type { Latents } from '../../../src/model/clusters/latents.ts'

/** Values of scikit-learn: test/fixtures/clusters/make.py. */
export interface Golden {
  mixtures: {
    covariance: 'full' | 'diag'
    regularization: number
    latents: number[][]
    start: { weights: number[]; means: number[][]; variance: number }
    iterations: {
      lower_bound: number
      weights: number[]
      means: number[][]
      covariances: number[][][] | number[][]
      bic: number
    }[]
  }[]
  pcas: {
    latents: number[][]
    mean: number[]
    components: number[][]
    explained_variance: number[]
    explained_variance_ratio: number[]
    projected: number[][]
  }[]
  silhouettes: { latents: number[][]; labels: number[]; score: number }[]
}

export const golden: Golden = JSON.parse(
  readFileSync(new URL('../../fixtures/clusters/golden.json', import.meta.url), 'utf8'),
)

export const tableOf = (rows: number[][]): Latents => ({
  data: Float64Array.from(rows.flat()),
  rows: rows.length,
  dimensions: rows[0].length,
})

/** Largest difference of two lists, relative to what they hold where that is more than 1. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  return Math.max(0, ...Array.from(a, (value, i) => Math.abs(value - b[i]) / Math.max(1, Math.abs(b[i]))))
}
