import { AuscultError } from '../../errors.ts'
import { eigenpairs } from './jacobi.ts'
import { type Latents, latentsOf } from './latents.ts'
import { leadingEigenpairs } from './leading.ts'
import { type PrincipalAxes, principalAxes } from './principal-axes.ts'

/** A projection to few dimensions: y = components · (x − mean). Plain numbers, so that it can be kept as JSON. */
export interface Pca {
  /** `[d]` */
  readonly mean: number[]
  /** `[k][d]`, orthonormal, the one of most variance first; the value of largest size in each is positive. */
  readonly components: number[][]
  /** `[k]`: variance along each, of n − 1 degrees of freedom, and its part of all variance. */
  readonly explained_variance: number[]
  readonly explained_variance_ratio: number[]
}

/** Of more dimensions only the leading components are computed. */
const FEW_DIMENSIONS = 96

/**
 * Principal components of latents, with the signs of scikit-learn's `PCA`.
 * @param data `[n × d]`, n at least 2
 * @param k at most d
 * @throws AUSCULT_INPUT_SHAPE, AUSCULT_NON_FINITE
 */
export function fitPca(data: Float32Array, dimensions: number, k: number): Pca {
  const latents = latentsOf(data, dimensions)
  if (latents.rows < 2 || k > dimensions) {
    throw new AuscultError(
      'AUSCULT_INPUT_SHAPE',
      `${latents.rows} latents of ${dimensions} values have no ${k} components`,
    )
  }
  // Of fewer latents than values there are fewer products of latents than of values.
  if (k < latents.rows && latents.rows < dimensions) return pcaOf(principalAxes(data, dimensions, k))
  const { mean, covariance } = covarianceOf(latents)
  const isSmall = dimensions <= FEW_DIMENSIONS
  const pairs = isSmall ? eigenpairs(covariance, dimensions).slice(0, k) : leadingEigenpairs(covariance, dimensions, k)
  const total = Array.from({ length: dimensions }, (_, j) => covariance[j * dimensions + j]).reduce((a, b) => a + b, 0)
  const variances = pairs.map(({ value }) => Math.max(0, value))
  return {
    mean: [...mean],
    components: pairs.map(({ vector }) => withSign(vector)),
    explained_variance: variances,
    explained_variance_ratio: variances.map(value => (total > 0 ? value / total : 0)),
  }
}

function pcaOf({ mean, axes, variances, total }: PrincipalAxes): Pca {
  return {
    mean: [...mean],
    components: axes.map(axis => [...axis]),
    explained_variance: [...variances],
    explained_variance_ratio: variances.map(value => (total > 0 ? value / total : 0)),
  }
}

/** A latent's place on the projection, `[k]`. @throws AUSCULT_INPUT_SHAPE */
export function project({ mean, components }: Pca, latent: Float32Array): Float32Array {
  if (latent.length !== mean.length) {
    throw new AuscultError('AUSCULT_INPUT_SHAPE', `a latent has ${latent.length} values, not ${mean.length}`)
  }
  return Float32Array.from(components, component => {
    let sum = 0
    for (let j = 0; j < mean.length; j++) sum += component[j] * (latent[j] - mean[j])
    return sum
  })
}

function covarianceOf({ data, rows, dimensions: d }: Latents) {
  const mean = new Float64Array(d)
  for (let i = 0; i < rows; i++) for (let j = 0; j < d; j++) mean[j] += data[i * d + j] / rows
  const covariance = new Float64Array(d * d)
  const delta = new Float64Array(d)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < d; j++) delta[j] = data[i * d + j] - mean[j]
    for (let j = 0; j < d; j++) for (let k = 0; k <= j; k++) covariance[j * d + k] += delta[j] * delta[k]
  }
  for (let j = 0; j < d; j++) {
    for (let k = 0; k <= j; k++) {
      covariance[j * d + k] /= rows - 1
      covariance[k * d + j] = covariance[j * d + k]
    }
  }
  return { mean, covariance }
}

function withSign(vector: Float64Array): number[] {
  const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0)
  return Array.from(vector, value => (largest < 0 ? -value : value))
}
