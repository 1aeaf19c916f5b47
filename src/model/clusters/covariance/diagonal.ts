import type { Covariance } from './covariance.ts'

/** Variances alone. The factor: standard deviations, then their reciprocals. */
export const diagonal: Covariance = {
  size: d => d,
  width: d => 2 * d,
  isCostly: false,
  accumulate(covariances, at, delta, weight) {
    for (let j = 0; j < delta.length; j++) covariances[at + j] += weight * delta[j] * delta[j]
  },
  regularize(covariances, at, d, value) {
    for (let j = 0; j < d; j++) covariances[at + j] += value
  },
  factorize(covariance, d, factors, at) {
    let positive = true
    for (let j = 0; j < d; j++) {
      positive &&= covariance[j] > 0
      factors[at + j] = Math.sqrt(covariance[j])
      factors[at + d + j] = 1 / factors[at + j]
    }
    return positive
  },
  expand: (factors, at, d) => factors.slice(at, at + d).map(deviation => deviation * deviation),
  halfLogDeterminant(factors, at, d) {
    let product = 1
    let sum = 0
    for (let j = 0; j < d; j++) {
      product *= factors[at + j]
      // A logarithm takes as long as many products, and four deviations of float32 values cannot leave the range of float64.
      if (j % 4 === 3) {
        sum += Math.log(product)
        product = 1
      }
    }
    return sum + Math.log(product)
  },
  squaredMahalanobis(factors, at, points, point, means, mean, d, bound) {
    const reciprocals = at + d
    let sum = 0
    let j = 0
    for (; j + 3 < d && sum <= bound; j += 4) {
      const a = (points[point + j] - means[mean + j]) * factors[reciprocals + j]
      const b = (points[point + j + 1] - means[mean + j + 1]) * factors[reciprocals + j + 1]
      const c = (points[point + j + 2] - means[mean + j + 2]) * factors[reciprocals + j + 2]
      const e = (points[point + j + 3] - means[mean + j + 3]) * factors[reciprocals + j + 3]
      sum += a * a + b * b + (c * c + e * e)
    }
    for (; j < d && sum <= bound; j++) {
      const z = (points[point + j] - means[mean + j]) * factors[reciprocals + j]
      sum += z * z
    }
    return sum
  },
  learn(factors, at, delta, rate, floor) {
    const d = delta.length
    for (let j = 0; j < d; j++) {
      const deviation = factors[at + j]
      const variance = (1 - rate) * (deviation * deviation + rate * delta[j] * delta[j])
      factors[at + j] = Math.sqrt(Math.max(floor, variance))
      factors[at + d + j] = 1 / factors[at + j]
    }
  },
  scale(from, factors, at, d, scale) {
    for (let j = 0; j < d; j++) {
      factors[at + j] = from[j] * scale
      factors[at + d + j] = from[d + j] / scale
    }
  },
}
