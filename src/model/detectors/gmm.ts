import { diagonal } from '../clusters/covariance/diagonal.ts'
import { full } from '../clusters/covariance/full.ts'
import type { ModelOf } from './detector-file.ts'
import { logSumExp } from './log-sum-exp.ts'
import type { ScoreVector } from './score-vector.ts'
import { unpackVector } from './table.ts'

/**
 * A log-density is of either sign, and a score must not be negative. So the score is how far the log-density lies below a bound that no
 * vector exceeds: that of all means lying in one point, log Σ wₖ N(μₖ; μₖ, Σₖ). With one component it is half the squared Mahalanobis distance.
 */
export function openGmm(model: ModelOf<'gmm'>): ScoreVector {
  const { dimensions: d, components: k } = model
  const kind = model.covariance === 'full' ? full : diagonal
  const [size, width] = [kind.size(d), kind.width(d)]
  const weights = unpackVector(model.weights, k)
  const means = unpackVector(model.means, k * d)
  const covariances = unpackVector(model.covariances, k * size)
  const factors = new Float64Array(k * width)
  const peaks = new Float64Array(k)
  for (let c = 0; c < k; c++) {
    const isPositive = kind.factorize(covariances.subarray(c * size, (c + 1) * size), d, factors, c * width)
    if (!isPositive) throw new Error('its covariance cannot be inverted')
    peaks[c] = Math.log(weights[c]) - kind.halfLogDeterminant(factors, c * width, d)
  }
  const bound = logSumExp(peaks)
  const logs = new Float64Array(k)
  const scratch = new Float64Array(d)
  return vector => {
    for (let c = 0; c < k; c++) {
      const all = Number.POSITIVE_INFINITY
      logs[c] = peaks[c] - kind.squaredMahalanobis(factors, c * width, vector, 0, means, c * d, d, all, scratch) / 2
    }
    return Math.max(0, bound - logSumExp(logs))
  }
}
