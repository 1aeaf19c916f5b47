import { seeded } from '../../random.ts'
import { type Eigenpair, eigenpairs } from './jacobi.ts'

/** Vectors that are followed beside those that are wanted: the gap behind them sets the pace. */
const SPARE = 12
const MOST_ROUNDS = 200
const TOLERANCE = 1e-12

/**
 * The eigenpairs of largest value of a large symmetric matrix without negative eigenvalues, by subspace iteration with Rayleigh–Ritz
 * (Golub and Van Loan, Matrix Computations, §8.2.4): in time quadratic in d where Jacobi's rotations take cubic time. Values that lie close
 * together leave their vectors undecided; what they span is right.
 * @param matrix `[d × d]`
 * @param k at most d
 */
export function leadingEigenpairs(matrix: Float64Array, d: number, k: number): Eigenpair[] {
  const width = Math.min(d, k + SPARE)
  const { normal } = seeded(0x1ead)
  let basis: Float64Array[] = Array.from({ length: width }, () => Float64Array.from({ length: d }, normal))
  orthonormalize(basis)
  let last = 0
  for (let round = 1; ; round++) {
    const images = basis.map(vector => times(matrix, vector))
    const projected = Float64Array.from({ length: width * width }, (_, i) =>
      dot(basis[Math.floor(i / width)], images[i % width]),
    )
    const pairs = eigenpairs(symmetric(projected, width), width)
    const sum = pairs.slice(0, k).reduce((total, { value }) => total + value, 0)
    if (round === MOST_ROUNDS || Math.abs(sum - last) <= TOLERANCE * Math.abs(sum)) {
      return pairs.slice(0, k).map(({ value, vector }) => ({ value, vector: combine(basis, vector) }))
    }
    last = sum
    basis = pairs.map(({ vector }) => combine(images, vector))
    orthonormalize(basis)
  }
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const d = vector.length
  const out = new Float64Array(d)
  for (let i = 0; i < d; i++) {
    let sum = 0
    for (let j = 0; j < d; j++) sum += matrix[i * d + j] * vector[j]
    out[i] = sum
  }
  return out
}

function combine(vectors: readonly Float64Array[], weights: Float64Array): Float64Array {
  const out = new Float64Array(vectors[0].length)
  for (const [i, vector] of vectors.entries()) for (let j = 0; j < out.length; j++) out[j] += weights[i] * vector[j]
  return out
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

function symmetric(values: Float64Array, n: number): Float64Array {
  return values.map((value, i) => (value + values[(i % n) * n + Math.floor(i / n)]) / 2)
}

/** Gram–Schmidt, twice for the sake of rounding. What vanishes, where the matrix is of low rank, becomes another direction. */
function orthonormalize(vectors: Float64Array[]): void {
  for (const [i, vector] of vectors.entries()) {
    const before = dot(vector, vector)
    clear(vector, vectors, i)
    for (let axis = 0; dot(vector, vector) <= 1e-24 * before && axis < vector.length; axis++) {
      const other = new Float64Array(vector.length)
      other[axis] = 1
      clear(other, vectors, i)
      // Of all axes one at least has so much left.
      if (dot(other, other) > 0.5 / vector.length) vector.set(other)
    }
    clear(vector, vectors, i)
    const length = Math.sqrt(dot(vector, vector))
    for (let j = 0; j < vector.length; j++) vector[j] /= length
  }
}

/** Takes out of a vector what lies along the first `count` others. */
function clear(vector: Float64Array, others: readonly Float64Array[], count: number): void {
  for (let k = 0; k < count; k++) {
    const part = dot(vector, others[k])
    for (let j = 0; j < vector.length; j++) vector[j] -= part * others[k][j]
  }
}
