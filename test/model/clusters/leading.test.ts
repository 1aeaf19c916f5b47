import { describe, expect, it } from 'vitest'
import { eigenpairs } from '../../../src/model/clusters/jacobi.ts'
import { leadingEigenpairs } from '../../../src/model/clusters/leading.ts'
import { seeded } from '../../../src/random.ts'

/** A covariance of rows with the given spreads along random directions. */
function covariance(d: number, rows: number, spreads: (j: number) => number): Float64Array {
  const random = seeded(3)
  const directions = Array.from({ length: d }, () => Float64Array.from({ length: d }, random.normal))
  const matrix = new Float64Array(d * d)
  for (let r = 0; r < rows; r++) {
    const row = new Float64Array(d)
    for (let j = 0; j < d; j++) {
      const size = spreads(j) * random.normal()
      if (size !== 0) for (let i = 0; i < d; i++) row[i] += size * directions[j][i]
    }
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) matrix[i * d + j] += (row[i] * row[j]) / rows
  }
  return matrix
}

const cosine = (a: Float64Array, b: Float64Array) => Math.abs(a.reduce((sum, value, i) => sum + value * b[i], 0))

describe('leadingEigenpairs', () => {
  it.each([
    ['falling variances', (j: number) => 0.8 ** j],
    ['a few directions only', (j: number) => (j < 4 ? 4 - j : 0)],
    ['one direction only', (j: number) => (j < 1 ? 1 : 0)],
  ])('agrees with Jacobi: %s', (_, spreads) => {
    const d = 60
    const matrix = covariance(d, 200, spreads)
    const all = eigenpairs(matrix, d)
    const leading = leadingEigenpairs(matrix, d, 3)
    expect(leading).toHaveLength(3)
    for (const [i, { value, vector }] of leading.entries()) {
      expect(Math.abs(value - all[i].value)).toBeLessThan(1e-9 * all[0].value)
      if (all[i].value > 1e-9 * all[0].value) expect(cosine(vector, all[i].vector)).toBeGreaterThan(1 - 1e-9)
      expect(cosine(vector, vector)).toBeCloseTo(1, 9)
      for (const other of leading.slice(0, i)) expect(cosine(vector, other.vector)).toBeLessThan(1e-9)
    }
  })

  it('finds nearly all of the variance where no direction stands out', () => {
    const matrix = covariance(60, 200, () => 1)
    const sum = (pairs: readonly { value: number }[]) => pairs.slice(0, 3).reduce((a, { value }) => a + value, 0)
    expect(sum(leadingEigenpairs(matrix, 60, 3)) / sum(eigenpairs(matrix, 60))).toBeGreaterThan(0.999)
  })

  it('gives directions of nothing too', () => {
    const pairs = leadingEigenpairs(new Float64Array(400), 20, 3)
    expect(pairs.map(({ value }) => value)).toEqual([0, 0, 0])
    for (const { vector } of pairs) expect(cosine(vector, vector)).toBeCloseTo(1, 12)
  })
})
