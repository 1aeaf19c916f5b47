import { AuscultError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import { type Mixture, maximize, mixtureOf } from '../clusters/em.ts'
import { covarianceOf } from '../clusters/gmm-fit.ts'
import type { Latents } from '../clusters/latents.ts'
import { partition } from '../clusters/lloyd.ts'
import type { DetectorOf } from './config.ts'
import type { ModelOf } from './detector-file.ts'
import { packVector } from './table.ts'

/** Scikit-learn's, of `GaussianMixture`. */
const TOLERANCE = 1e-3
const ITERATIONS = 100

/** A mixture by expectation–maximisation from the best k-means. @throws AUSCULT_TRAINING when a covariance cannot be inverted */
export function fitGmm(latents: Latents, config: DetectorOf<'gmm'>, random: Random): ModelOf<'gmm'> {
  const { components, covariance, regularization } = config
  const kind = covarianceOf(covariance)
  const { k, labels } = partition(latents, components, random)
  const responsibilities = new Float64Array(latents.rows * k)
  labels.forEach((component, i) => {
    responsibilities[i * k + component] = 1
  })
  const start = mixtureOf(latents, responsibilities, k, kind, regularization)
  const options = { regularization, tolerance: TOLERANCE, iterations: ITERATIONS }
  const { mixture } = inverted(() => maximize(latents, start, kind, options))
  return { type: 'gmm', dimensions: latents.dimensions, covariance, ...packed(mixture) }
}

const packed = ({ k, weights, means, covariances }: Mixture) => ({
  components: k,
  weights: packVector(weights),
  means: packVector(means),
  covariances: packVector(covariances),
})

/** What fails in the terms of clusters is said in those of detectors. */
function inverted<T>(fit: () => T): T {
  try {
    return fit()
  } catch (cause) {
    if (!(cause instanceof AuscultError)) throw cause
    throw new AuscultError('AUSCULT_TRAINING', 'the covariance of a Gaussian cannot be inverted', {
      at: 'score',
      remedy: 'Raise score.regularization, take fewer components, or covariance: diagonal.',
      cause,
    })
  }
}
