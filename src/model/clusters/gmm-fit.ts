import type { Random } from '../../random.ts'
import type { GmmConfig } from './config.ts'
import type { Covariance } from './covariance/covariance.ts'
import { diagonal } from './covariance/diagonal.ts'
import { full } from './covariance/full.ts'
import { bic, expect, type Mixture, maximize, mixtureOf } from './em.ts'
import { checkK, MOST_ROWS, PRIOR } from './kmeans-fit.ts'
import { type Latents, quantile, sampleRows, spreadOf } from './latents.ts'
import { partition } from './lloyd.ts'

/** Rows that k is chosen on, and how often in a row BIC may get worse before larger ones are not tried any more. */
const CHOOSING_ROWS = 3000
const PATIENCE = 2
const TOLERANCE = 1e-3
const ITERATIONS = 100

/** What an online mixture starts from. */
export interface GmmStart {
  readonly mixture: Mixture
  /** `[k]`: training latents of each component. */
  readonly sizes: Float64Array
  readonly members: Int32Array
  /** `[k]`: calibrated Mahalanobis distances, and that of all together. */
  readonly radius: Float64Array
  readonly pooledRadius: number
  /** Mean covariance, weighted. */
  readonly pooled: Float64Array
  /** Least variance. */
  readonly floor: number
}

export const covarianceOf = (name: GmmConfig['covariance']): Covariance => (name === 'full' ? full : diagonal)

/** @throws AUSCULT_CONFIG when k is larger than the number of latents, AUSCULT_TRAINING */
export function fitGmm(latents: Latents, config: GmmConfig, random: Random): GmmStart {
  checkK(config.k, latents.rows)
  const sample = sampleRows(latents, MOST_ROWS, random)
  const { variance, square } = spreadOf(sample)
  const floor = Math.max(config.regularization * variance, 1e-12 * (square || 1))
  const kind = covarianceOf(config.covariance)
  const k = config.k === 'auto' ? chooseK(sample, config, kind, floor, random) : config.k
  return calibrate(sample, fitMixture(sample, k, kind, floor, random), kind, config, floor)
}

/** The k with the least BIC on a sample. */
function chooseK(latents: Latents, config: GmmConfig, kind: Covariance, floor: number, random: Random): number {
  const sample = sampleRows(latents, CHOOSING_ROWS, random)
  let best = { k: 1, bic: Number.POSITIVE_INFINITY }
  for (let k = 1; k <= Math.min(config.max_k, sample.rows) && k - best.k <= PATIENCE; k++) {
    const criterion = bic(sample, fitMixture(sample, k, kind, floor, random), kind)
    if (criterion < best.bic) best = { k, bic: criterion }
  }
  return best.k
}

/** EM from the clusters of k-means. */
function fitMixture(latents: Latents, k: number, kind: Covariance, regularization: number, random: Random): Mixture {
  const found = partition(latents, k, random)
  const responsibilities = new Float64Array(latents.rows * found.k)
  found.labels.forEach((c, i) => {
    responsibilities[i * found.k + c] = 1
  })
  const start = mixtureOf(latents, responsibilities, found.k, kind, regularization)
  return maximize(latents, start, kind, { regularization, tolerance: TOLERANCE, iterations: ITERATIONS }).mixture
}

/**
 * Covariances of few latents are drawn to the mean one. Radii are quantiles of the distance that a latent would have, had it not been
 * counted itself: D² n / (n − 1) / (1 − D² / (n − 1)), by the Sherman–Morrison formula.
 */
function calibrate(latents: Latents, found: Mixture, kind: Covariance, config: GmmConfig, floor: number): GmmStart {
  const { data, rows, dimensions: d } = latents
  const shares = new Float64Array(rows * found.k)
  expect(latents, found, kind, shares)
  const labels = Int32Array.from({ length: rows }, (_, i) => largest(shares.subarray(i * found.k, (i + 1) * found.k)))
  const size = kind.size(d)
  const kept = Array.from({ length: found.k }, (_, c) => c).filter(c => labels.includes(c))
  const pooled = new Float64Array(size)
  for (let c = 0; c < found.k; c++) {
    for (let j = 0; j < size; j++) pooled[j] += found.weights[c] * found.covariances[c * size + j]
  }
  const prior = PRIOR + (kind === full ? d : 0)
  const sizes = Float64Array.from(kept, c => found.weights[c] * rows)
  const covariances = new Float64Array(kept.length * size)
  kept.forEach((c, i) => {
    for (let j = 0; j < size; j++) {
      covariances[i * size + j] = (sizes[i] * found.covariances[c * size + j] + prior * pooled[j]) / (sizes[i] + prior)
    }
  })
  const total = sizes.reduce((sum, n) => sum + n, 0)
  const means = Float64Array.from(kept.flatMap(c => [...found.means.subarray(c * d, (c + 1) * d)]))
  const mixture = { k: kept.length, weights: sizes.map(n => n / total), means, covariances }

  const own: number[][] = kept.map(() => [])
  const factor = new Float64Array(kind.width(d))
  const scratch = new Float64Array(d)
  kept.forEach((c, i) => {
    kind.factorize(covariances.subarray(i * size, (i + 1) * size), d, factor, 0)
    const others = Math.max(1, sizes[i] + prior - 1)
    for (let row = 0; row < rows; row++) {
      if (labels[row] !== c) continue
      const squared = kind.squaredMahalanobis(
        factor,
        0,
        data,
        row * d,
        means,
        i * d,
        d,
        Number.POSITIVE_INFINITY,
        scratch,
      )
      own[i].push(Math.sqrt((squared * (others + 1)) / others / Math.max(0.05, 1 - squared / others)))
    }
  })
  const reach = (distances: number[]) => config.radius_margin * quantile(distances, config.radius_quantile)
  const pooledRadius = Math.max(1, reach(own.flat()))
  const radius = Float64Array.from(own, distances => {
    const n = distances.length
    return Math.max(1, Math.sqrt((n * reach(distances) ** 2 + PRIOR * pooledRadius ** 2) / (n + PRIOR)))
  })
  return { mixture, sizes, members: Int32Array.from(own, each => each.length), radius, pooledRadius, pooled, floor }
}

function largest(values: Float64Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i
  return best
}
