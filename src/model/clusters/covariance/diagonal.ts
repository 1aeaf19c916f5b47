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
    let sum = 0
    for (let j = 0; j < d; j++) sum += Math.log(factors[at + j])
    return sum
  },
  trace(factors, at, d) {
    let sum = 0
    for (let j = at; j < at + d; j++) sum += factors[j] * factors[j]
    return sum
  },
  squaredMahalanobis(factors, at, points, point, means, mean, d, bound) {
    let sum = 0
    for (let j = 0; j < d && sum <= bound; j++) {
      const z = (points[point + j] - means[mean + j]) * factors[at + d + j]
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
