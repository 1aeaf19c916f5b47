import { AuscultError } from '../../errors.ts'
import type { Covariance } from './covariance/covariance.ts'
import type { Latents } from './latents.ts'

/** A mixture of k Gaussians over d dimensions. */
export interface Mixture {
  readonly k: number
  /** `[k]`, of sum 1. */
  readonly weights: Float64Array
  /** `[k × d]` */
  readonly means: Float64Array
  /** `[k × size(d)]` of the kind of covariance. */
  readonly covariances: Float64Array
}

export interface Fitted {
  readonly mixture: Mixture
  /** Mean log-likelihood of a row after each iteration's E step. */
  readonly lowerBounds: readonly number[]
  readonly converged: boolean
}

export interface EmOptions {
  /** Added to each variance in each M step. */
  regularization: number
  /** Stops when the lower bound changes by less. */
  tolerance: number
  iterations: number
  /** Rows that the mean covariance counts for in each covariance; 0 for none. */
  strength?: number
}

const LOG_2PI = Math.log(2 * Math.PI)

/** Expectation–maximisation (Dempster, Laird and Rubin, 1977), with the conventions of scikit-learn's `GaussianMixture`. */
export function maximize(latents: Latents, start: Mixture, kind: Covariance, options: EmOptions): Fitted {
  const lowerBounds: number[] = []
  const responsibilities = new Float64Array(latents.rows * start.k)
  let mixture = start
  let converged = false
  for (let i = 0; i < options.iterations && !converged; i++) {
    const likelihood = expect(latents, mixture, kind, responsibilities)
    mixture = mixtureOf(latents, responsibilities, start.k, kind, options.regularization, options.strength)
    converged = i > 0 && Math.abs(likelihood - lowerBounds[i - 1]) < options.tolerance
    lowerBounds.push(likelihood)
  }
  return { mixture, lowerBounds, converged }
}

/**
 * The E step.
 * @param responsibilities `[rows × k]`, is written: the probability of each component given the row
 * @returns the mean log-likelihood of a row
 */
export function expect(latents: Latents, mixture: Mixture, kind: Covariance, responsibilities: Float64Array): number {
  const { data, rows, dimensions: d } = latents
  const { k, means } = mixture
  const { factors, width, offsets } = factorsOf(mixture, kind, d)
  const scratch = new Float64Array(d)
  let total = 0
  for (let i = 0; i < rows; i++) {
    let most = Number.NEGATIVE_INFINITY
    for (let c = 0; c < k; c++) {
      const at = c * width
      const squared = kind.squaredMahalanobis(
        factors,
        at,
        data,
        i * d,
        means,
        c * d,
        d,
        Number.POSITIVE_INFINITY,
        scratch,
      )
      const log = offsets[c] - squared / 2
      responsibilities[i * k + c] = log
      most = Math.max(most, log)
    }
    let sum = 0
    for (let c = 0; c < k; c++) sum += Math.exp(responsibilities[i * k + c] - most)
    const log = most + Math.log(sum)
    for (let c = 0; c < k; c++) responsibilities[i * k + c] = Math.exp(responsibilities[i * k + c] - log)
    total += log
  }
  return total / rows
}

/** The M step: weights, means and covariances from responsibilities. */
export function mixtureOf(
  { data, rows, dimensions: d }: Latents,
  responsibilities: Float64Array,
  k: number,
  kind: Covariance,
  regularization: number,
  strength = 0,
): Mixture {
  const sizes = new Float64Array(k).fill(10 * Number.EPSILON)
  const means = new Float64Array(k * d)
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < k; c++) {
      const share = responsibilities[i * k + c]
      sizes[c] += share
      for (let j = 0; j < d; j++) means[c * d + j] += share * data[i * d + j]
    }
  }
  for (let c = 0; c < k; c++) for (let j = 0; j < d; j++) means[c * d + j] /= sizes[c]
  const size = kind.size(d)
  const covariances = new Float64Array(k * size)
  const delta = new Float64Array(d)
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < k; c++) {
      const share = responsibilities[i * k + c] / sizes[c]
      if (share === 0) continue
      for (let j = 0; j < d; j++) delta[j] = data[i * d + j] - means[c * d + j]
      kind.accumulate(covariances, c * size, delta, share)
    }
  }
  for (let c = 0; c < k; c++) kind.regularize(covariances, c * size, d, regularization)
  const total = sizes.reduce((sum, n) => sum + n, 0)
  if (strength > 0) drawToMean(covariances, sizes, strength)
  return { k, weights: sizes.map(n => n / total), means, covariances }
}

/** Draws each covariance to the weighted mean of all, as if that were the covariance of `strength` more rows in each component. */
function drawToMean(covariances: Float64Array, sizes: Float64Array, strength: number): void {
  const k = sizes.length
  const size = covariances.length / k
  const total = sizes.reduce((sum, n) => sum + n, 0)
  for (let j = 0; j < size; j++) {
    let mean = 0
    for (let c = 0; c < k; c++) mean += (sizes[c] / total) * covariances[c * size + j]
    for (let c = 0; c < k; c++) {
      const at = c * size + j
      covariances[at] += (strength / (sizes[c] + strength)) * (mean - covariances[at])
    }
  }
}

/** Bayesian information criterion (Schwarz, 1978): less is better. */
export function bic(latents: Latents, mixture: Mixture, kind: Covariance): number {
  const { rows, dimensions: d } = latents
  const likelihood = expect(latents, mixture, kind, new Float64Array(rows * mixture.k))
  const parameters = mixture.k * (kind.size(d) + d + 1) - 1
  return -2 * rows * likelihood + parameters * Math.log(rows)
}

/** @throws AUSCULT_TRAINING when a covariance is not positive definite */
function factorsOf({ k, weights, covariances }: Mixture, kind: Covariance, d: number) {
  const [size, width] = [kind.size(d), kind.width(d)]
  const factors = new Float64Array(k * width)
  const offsets = new Float64Array(k)
  for (let c = 0; c < k; c++) {
    if (!kind.factorize(covariances.subarray(c * size, (c + 1) * size), d, factors, c * width)) {
      throw new AuscultError('AUSCULT_TRAINING', 'the covariance of a cluster is not positive definite', {
        at: 'clusters',
        remedy: 'Raise clusters.regularization, take fewer clusters, or covariance: diagonal.',
      })
    }
    offsets[c] = Math.log(weights[c]) - kind.halfLogDeterminant(factors, c * width, d) - (d / 2) * LOG_2PI
  }
  return { factors, width, offsets }
}
