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
    let product = 1
    let sum = 0
    for (let j = 0; j < d; j++) {
      product *= factors[at + triangle(j) + j]
      // A logarithm takes as long as many products, and four deviations of float32 values cannot leave the range of float64.
      if (j % 4 === 3) {
        sum += Math.log(product)
        product = 1
      }
    }
    return sum + Math.log(product)
  },
  /** Forward substitution, four rows of L at a time: they share what is read of the solution. */
  squaredMahalanobis(factors, at, points, point, means, mean, d, bound, solution) {
    const reciprocals = at + triangle(d)
    let sum = 0
    let row = at
    let i = 0
    for (; i + 3 < d && sum <= bound; i += 4) {
      const second = row + i + 1
      const third = second + i + 2
      const fourth = third + i + 3
      let a = points[point + i] - means[mean + i]
      let b = points[point + i + 1] - means[mean + i + 1]
      let c = points[point + i + 2] - means[mean + i + 2]
      let e = points[point + i + 3] - means[mean + i + 3]
      for (let j = 0; j < i; j++) {
        const z = solution[j]
        a -= factors[row + j] * z
        b -= factors[second + j] * z
        c -= factors[third + j] * z
        e -= factors[fourth + j] * z
      }
      a *= factors[reciprocals + i]
      b = (b - factors[second + i] * a) * factors[reciprocals + i + 1]
      c = (c - factors[third + i] * a - factors[third + i + 1] * b) * factors[reciprocals + i + 2]
      e -= factors[fourth + i] * a + factors[fourth + i + 1] * b + factors[fourth + i + 2] * c
      e *= factors[reciprocals + i + 3]
      solution[i] = a
      solution[i + 1] = b
      solution[i + 2] = c
      solution[i + 3] = e
      sum += a * a + b * b + (c * c + e * e)
      row = fourth + i + 4
    }
    for (; i < d && sum <= bound; i++) {
      let z = points[point + i] - means[mean + i]
      for (let j = 0; j < i; j++) z -= factors[row + j] * solution[j]
      z *= factors[reciprocals + i]
      solution[i] = z
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
    const least = Math.sqrt(floor)
    for (let j = 0; j < d; j++) delta[j] *= grow
    for (let k = 0; k < d; k++) {
      let place = at + triangle(k) + k
      const diagonal = factors[place]
      const length = Math.sqrt(diagonal * diagonal + delta[k] * delta[k])
      const cosine = diagonal / length
      const sine = delta[k] / length
      setDiagonal(factors, at, d, k, Math.max(least, shrink * length))
      for (let i = k + 1; i < d; i++) {
        place += i
        const value = factors[place]
        factors[place] = shrink * (cosine * value + sine * delta[i])
        delta[i] = cosine * delta[i] - sine * value
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
