import type { GmmConfig } from './config.ts'
import type { Covariance } from './covariance/covariance.ts'
import { expect, type Mixture } from './em.ts'
import { PRIOR } from './kmeans-fit.ts'
import { type Latents, quantile } from './latents.ts'

/** What an online mixture starts from. */
export interface GmmStart {
  readonly mixture: Mixture
  /** `[k]`: training latents of each component, by responsibility and by the likeliest. */
  readonly sizes: Float64Array
  readonly members: Int32Array
  /** `[k]`: calibrated Mahalanobis distances, and that of all together. */
  readonly radius: Float64Array
  readonly pooledRadius: number
  /** Mean covariance, weighted. */
  readonly pooled: Float64Array
  /** Latents that it counts for in each covariance. */
  readonly strength: number
  /** Least variance. */
  readonly floor: number
}

/**
 * Leaves out components that are nowhere the likeliest, and finds radii: quantiles of the distance that a latent would have, had it not
 * been counted itself, which is D² n / (n − 1) / (1 − D² / (n − 1)) by the Sherman–Morrison formula.
 */
export function calibrate(
  latents: Latents,
  fitted: Mixture,
  config: GmmConfig,
  { kind, strength, regularization }: { kind: Covariance; strength: number; regularization: number },
): GmmStart {
  const { rows, dimensions: d } = latents
  const shares = new Float64Array(rows * fitted.k)
  expect(latents, fitted, kind, shares)
  const labels = Int32Array.from({ length: rows }, (_, i) => largest(shares.subarray(i * fitted.k, (i + 1) * fitted.k)))
  const kept = Array.from({ length: fitted.k }, (_, c) => c).filter(c => labels.includes(c))
  const mixture = select(fitted, kept)
  const size = kind.size(d)
  const pooled = new Float64Array(size)
  for (let c = 0; c < fitted.k; c++) {
    for (let j = 0; j < size; j++) pooled[j] += fitted.weights[c] * fitted.covariances[c * size + j]
  }
  const sizes = Float64Array.from(kept, c => fitted.weights[c] * rows)
  const own = kept.map((c, i) => {
    const members = [...labels.keys()].filter(row => labels[row] === c)
    return distances(latents, members, mixture, i, kind, Math.max(1, sizes[i] + strength - 1))
  })
  const reach = (distances: number[]) => config.radius_margin * quantile(distances, config.radius_quantile)
  const pooledRadius = Math.max(1, reach(own.flat()))
  const radius = Float64Array.from(own, distances => {
    const n = distances.length
    return Math.max(1, Math.sqrt((n * reach(distances) ** 2 + PRIOR * pooledRadius ** 2) / (n + PRIOR)))
  })
  const members = Int32Array.from(own, each => each.length)
  return { mixture, sizes, members, radius, pooledRadius, pooled, strength, floor: regularization }
}

/** A mixture of some of the components. */
function select({ k, weights, means, covariances }: Mixture, kept: readonly number[]): Mixture {
  const pick = (values: Float64Array) => {
    const width = values.length / k
    return Float64Array.from(kept.flatMap(c => [...values.subarray(c * width, (c + 1) * width)]))
  }
  const total = kept.reduce((sum, c) => sum + weights[c], 0)
  const shares = pick(weights).map(weight => weight / total)
  return { k: kept.length, weights: shares, means: pick(means), covariances: pick(covariances) }
}

/** Distances of rows to a component that rests on `others` besides each of them. */
function distances(latents: Latents, rows: number[], mixture: Mixture, c: number, kind: Covariance, others: number) {
  const { data, dimensions: d } = latents
  const size = kind.size(d)
  const factor = new Float64Array(kind.width(d))
  const scratch = new Float64Array(d)
  kind.factorize(mixture.covariances.subarray(c * size, (c + 1) * size), d, factor, 0)
  const { means } = mixture
  return rows.map(row => {
    const squared = kind.squaredMahalanobis(
      factor,
      0,
      data,
      row * d,
      means,
      c * d,
      d,
      Number.POSITIVE_INFINITY,
      scratch,
    )
    return Math.sqrt((squared * (others + 1)) / others / Math.max(0.05, 1 - squared / others))
  })
}

function largest(values: Float64Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i
  return best
}
