import { describe, expect, it } from 'vitest'
import { tridiagonalEigenpairs } from '../../../src/model/clusters/householder.ts'
import { eigenpairs } from '../../../src/model/clusters/jacobi.ts'
import { fitPca } from '../../../src/model/clusters/pca.ts'
import { principalAxes } from '../../../src/model/clusters/principal-axes.ts'
import { seeded } from '../../../src/random.ts'

function symmetric(d: number, seed: number): Float64Array {
  const { normal } = seeded(seed)
  const matrix = new Float64Array(d * d)
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) matrix[i * d + j] = matrix[j * d + i] = normal()
  return matrix
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0)

describe('tridiagonalEigenpairs', () => {
  it.each([1, 2, 3, 5, 40])('finds what rotations find: %i rows', d => {
    const matrix = symmetric(d, d)
    const expected = eigenpairs(matrix, d)
    const actual = tridiagonalEigenpairs(matrix, d, () => d)
    actual.forEach(({ value, vector }, i) => {
      expect(value).toBeCloseTo(expected[i].value, 10)
      expect(Math.abs(dot(vector, expected[i].vector))).toBeCloseTo(1, 10)
    })
  })

  it('keeps vectors orthonormal where values are the same, and copes with zeros', () => {
    const d = 12
    const matrix = new Float64Array(d * d)
    for (let i = 0; i < d; i++) matrix[i * d + i] = i < 6 ? 2 : 0
    const pairs = tridiagonalEigenpairs(matrix, d, values => values.filter(value => value > 1).length)
    expect(pairs.map(({ value }) => value)).toEqual(Array(6).fill(2))
    for (const [i, { vector }] of pairs.entries()) {
      for (const [j, other] of pairs.entries()) expect(dot(vector, other.vector)).toBeCloseTo(i === j ? 1 : 0, 12)
    }
  })
})

describe('principalAxes', () => {
  const { normal } = seeded(4)
  const [n, d] = [20, 50]
  const data = Float32Array.from({ length: n * d }, (_, i) => normal() / (1 + (i % d)))

  it('of few items are those of the covariance', () => {
    const few = principalAxes(data, d, 4)
    // The same items so often that the covariance is taken.
    const often = new Float32Array(4 * data.length)
    for (let i = 0; i < 4; i++) often.set(data, i * data.length)
    const many = principalAxes(often, d, 4)
    for (const [i, axis] of few.axes.entries()) expect(dot(axis, many.axes[i])).toBeCloseTo(1, 8)
    expect(few.total * (n - 1) * 4).toBeCloseTo(many.total * (4 * n - 1), 8)
    expect(fitPca(data, d, 4).components.map(row => row.length)).toEqual([d, d, d, d])
  })

  it('are as many as exceed a share of the variance', () => {
    const all = principalAxes(data, d, n - 1)
    for (const share of [0.3, 0.9, 0.999]) {
      const { variances, total } = principalAxes(data, d, share)
      const sum = variances.reduce((a, b) => a + b, 0)
      expect(sum).toBeGreaterThan(share * total)
      expect(sum - variances.at(-1)!).toBeLessThanOrEqual(share * total)
      expect(variances).toEqual(all.variances.slice(0, variances.length))
    }
  })

  it('are zero where no variance is left', () => {
    const { axes, variances } = principalAxes(data.slice(0, 3 * d), d, 4)
    expect(variances.map(value => value > 1e-9)).toEqual([true, true, false, false])
    expect(axes[3]).toEqual(new Float64Array(d))
  })
})
