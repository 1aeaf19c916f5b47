import type { Eigenpair } from './jacobi.ts'

/**
 * The eigenpairs of largest value of a symmetric matrix: Householder tridiagonalisation, then QR steps with Wilkinson's shift (Golub and
 * Van Loan, Matrix Computations, §8.3). Jacobi's rotations take ten times as long where there are hundreds of rows: here a thousand take a
 * few seconds.
 * @param matrix `[d × d]`, is left as it is
 * @param count how many of them, by all eigenvalues in falling order
 */
export function tridiagonalEigenpairs(
  matrix: Float64Array,
  d: number,
  count: (values: readonly number[]) => number,
): Eigenpair[] {
  const { diagonal, beside, reflections } = tridiagonalize(matrix.slice(), d)
  const vectors = Array.from({ length: d }, (_, i) => {
    const unit = new Float64Array(d)
    unit[i] = 1
    return unit
  })
  diagonalize(diagonal, beside, vectors)
  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[j] - diagonal[i])
  const kept = order.slice(0, count(order.map(i => diagonal[i])))
  return kept.map(i => ({ value: diagonal[i], vector: reflect(vectors[i], reflections) }))
}

/** Of a reflection 1 − v vᵀ: v, whose first value belongs to the row `from`. */
interface Reflection {
  from: number
  v: Float64Array
}

/** Reads and changes the lower triangle alone. */
function tridiagonalize(a: Float64Array, d: number) {
  const reflections: Reflection[] = []
  const beside = new Float64Array(Math.max(0, d - 1))
  for (let column = 0; column < d - 1; column++) {
    const from = column + 1
    const size = d - from
    const v = new Float64Array(size)
    for (let i = 0; i < size; i++) v[i] = a[(from + i) * d + column]
    const length = norm(v)
    const first = v[0]
    beside[column] = first > 0 ? -length : length
    v[0] -= beside[column]
    const own = norm(v)
    if (own === 0 || size === 1) {
      beside[column] = first
      continue
    }
    for (let i = 0; i < size; i++) v[i] *= Math.SQRT2 / own
    reflectBothSides(a, d, from, v)
    reflections.push({ from, v })
  }
  return { diagonal: Float64Array.from({ length: d }, (_, i) => a[i * d + i]), beside, reflections }
}

/** A ← (1 − v vᵀ) A (1 − v vᵀ) = A − v wᵀ − w vᵀ for rows and columns after `from`, with w = A v − ½ (vᵀ A v) v. */
function reflectBothSides(a: Float64Array, d: number, from: number, v: Float64Array): void {
  const size = v.length
  const w = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    const row = (from + i) * d + from
    const vi = v[i]
    let sum = a[row + i] * vi
    for (let j = 0; j < i; j++) {
      const value = a[row + j]
      sum += value * v[j]
      w[j] += value * vi
    }
    w[i] += sum
  }
  let half = 0
  for (let i = 0; i < size; i++) half += (w[i] * v[i]) / 2
  for (let i = 0; i < size; i++) w[i] -= half * v[i]
  for (let i = 0; i < size; i++) {
    const row = (from + i) * d + from
    const [vi, wi] = [v[i], w[i]]
    for (let j = 0; j <= i; j++) a[row + j] -= vi * w[j] + wi * v[j]
  }
}

/** Makes a tridiagonal matrix diagonal, and turns rows along. */
function diagonalize(diagonal: Float64Array, beside: Float64Array, rows: Float64Array[]): void {
  const size = Math.max(norm(diagonal), norm(beside))
  const isZero = (i: number) => Math.abs(beside[i]) <= Number.EPSILON * size
  let last = diagonal.length - 1
  while (last > 0) {
    if (isZero(last - 1)) {
      last--
      continue
    }
    let first = last - 1
    while (first > 0 && !isZero(first - 1)) first--
    step(diagonal, beside, rows, first, last)
  }
}

/** One QR step with shift on the block from `first` to `last`: rotations that chase the value beside the diagonals down. */
function step(diagonal: Float64Array, beside: Float64Array, rows: Float64Array[], first: number, last: number): void {
  const half = (diagonal[last - 1] - diagonal[last]) / 2
  const off = beside[last - 1]
  const shift = diagonal[last] - off ** 2 / (half + (half < 0 ? -1 : 1) * Math.hypot(half, off))
  let x = diagonal[first] - shift
  let z = beside[first]
  for (let k = first; k < last; k++) {
    const r = Math.hypot(x, z)
    const [c, s] = r === 0 ? [1, 0] : [x / r, z / r]
    if (k > first) beside[k - 1] = r
    const [a, b, e] = [diagonal[k], beside[k], diagonal[k + 1]]
    diagonal[k] = c * c * a + 2 * c * s * b + s * s * e
    diagonal[k + 1] = s * s * a - 2 * c * s * b + c * c * e
    beside[k] = c * s * (e - a) + (c * c - s * s) * b
    if (k < last - 1) {
      x = beside[k]
      z = s * beside[k + 1]
      beside[k + 1] *= c
    }
    turn(rows[k], rows[k + 1], c, s)
  }
}

function turn(one: Float64Array, two: Float64Array, c: number, s: number): void {
  for (let j = 0; j < one.length; j++) {
    const [x, y] = [one[j], two[j]]
    one[j] = c * x + s * y
    two[j] = c * y - s * x
  }
}

/** From the tridiagonal matrix's vector to that of the matrix it came from. */
function reflect(vector: Float64Array, reflections: readonly Reflection[]): Float64Array {
  for (const { from, v } of reflections.toReversed()) {
    let along = 0
    for (let i = 0; i < v.length; i++) along += v[i] * vector[from + i]
    for (let i = 0; i < v.length; i++) vector[from + i] -= along * v[i]
  }
  return vector
}

const norm = (values: Float64Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
