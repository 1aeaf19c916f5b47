import type { Covariance } from './covariance.ts'

const triangle = (d: number) => (d * (d + 1)) / 2

/**
 * All correlations. A covariance is its lower triangle, row by row. The factor: the lower triangle of the Cholesky factor L, row by row,
 * then the reciprocals of its diagonal.
 */
export const full: Covariance = {
  size: triangle,
  width: d => triangle(d) + d,
  isCostly: true,
  accumulate(covariances, at, delta, weight) {
    let place = at
    for (let i = 0; i < delta.length; i++) {
      const weighted = weight * delta[i]
      for (let j = 0; j <= i; j++) covariances[place++] += weighted * delta[j]
    }
  },
  regularize(covariances, at, d, value) {
    for (let j = 0; j < d; j++) covariances[at + triangle(j) + j] += value
  },
  factorize(covariance, d, factors, at) {
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) {
        let rest = covariance[triangle(i) + j]
        for (let k = 0; k < j; k++) rest -= factors[at + triangle(i) + k] * factors[at + triangle(j) + k]
        if (i !== j) factors[at + triangle(i) + j] = rest * factors[at + triangle(d) + j]
        else if (rest > 0) setDiagonal(factors, at, d, i, Math.sqrt(rest))
        else return false
      }
    }
    return true
  },
  expand(factors, at, d) {
    const covariance = new Float64Array(triangle(d))
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) {
        for (let k = 0; k <= j; k++) {
          covariance[triangle(i) + j] += factors[at + triangle(i) + k] * factors[at + triangle(j) + k]
        }
      }
    }
    return covariance
  },
  halfLogDeterminant(factors, at, d) {
    let sum = 0
    for (let j = 0; j < d; j++) sum += Math.log(factors[at + triangle(j) + j])
    return sum
  },
  trace(factors, at, d) {
    let sum = 0
    for (let i = at; i < at + triangle(d); i++) sum += factors[i] * factors[i]
    return sum
  },
  squaredMahalanobis(factors, at, points, point, means, mean, d, bound, scratch) {
    const reciprocals = at + triangle(d)
    let row = at
    let sum = 0
    for (let i = 0; i < d && sum <= bound; i++) {
      // Four sums at once: one alone waits for each addition.
      let a = 0
      let b = 0
      let c = 0
      let e = 0
      let j = 0
      for (; j + 3 < i; j += 4) {
        a += factors[row + j] * scratch[j]
        b += factors[row + j + 1] * scratch[j + 1]
        c += factors[row + j + 2] * scratch[j + 2]
        e += factors[row + j + 3] * scratch[j + 3]
      }
      for (; j < i; j++) a += factors[row + j] * scratch[j]
      const z = (points[point + i] - means[mean + i] - (a + b + (c + e))) * factors[reciprocals + i]
      scratch[i] = z
      sum += z * z
      row += i + 1
    }
    return sum
  },
  /** A rank-one update of L (Gill, Golub, Murray and Saunders, 1974): rotations that bring √(rate)·δ into it. */
  learn(factors, at, delta, rate, floor) {
    const d = delta.length
    const shrink = Math.sqrt(1 - rate)
    const grow = Math.sqrt(rate)
    for (let j = 0; j < d; j++) delta[j] *= grow
    for (let k = 0; k < d; k++) {
      const diagonal = factors[at + triangle(k) + k]
      const length = Math.sqrt(diagonal * diagonal + delta[k] * delta[k])
      const cosine = length / diagonal
      const sine = delta[k] / diagonal
      setDiagonal(factors, at, d, k, Math.max(Math.sqrt(floor), shrink * length))
      for (let i = k + 1; i < d; i++) {
        const place = at + triangle(i) + k
        const rotated = (factors[place] + sine * delta[i]) / cosine
        delta[i] = cosine * delta[i] - sine * rotated
        factors[place] = shrink * rotated
      }
    }
  },
  scale(from, factors, at, d, scale) {
    const size = triangle(d)
    for (let i = 0; i < size; i++) factors[at + i] = from[i] * scale
    for (let i = size; i < size + d; i++) factors[at + i] = from[i] / scale
  },
}

function setDiagonal(factors: Float64Array, at: number, d: number, i: number, value: number): void {
  factors[at + triangle(i) + i] = value
  factors[at + triangle(d) + i] = 1 / value
}
