export interface Eigenpair {
  readonly value: number
  /** `[d]`, of length 1. */
  readonly vector: Float64Array
}

const SWEEPS = 100

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, §8.5), the
 * largest value first.
 * @param matrix `[d × d]`, is left as it is
 */
export function eigenpairs(matrix: Float64Array, d: number): Eigenpair[] {
  const a = matrix.slice()
  /** Rows become the eigenvectors. */
  const v = new Float64Array(d * d)
  for (let i = 0; i < d; i++) v[i * d + i] = 1
  const size = a.reduce((sum, value) => sum + value * value, 0)
  for (let sweep = 0; sweep < SWEEPS && offDiagonal(a, d) > 1e-30 * size; sweep++) {
    for (let p = 0; p < d - 1; p++) for (let q = p + 1; q < d; q++) rotate(a, v, d, p, q)
  }
  return Array.from({ length: d }, (_, i) => ({ value: a[i * d + i], vector: v.slice(i * d, (i + 1) * d) })).sort(
    (one, two) => two.value - one.value,
  )
}

/** Makes a[p, q] zero. */
function rotate(a: Float64Array, v: Float64Array, d: number, p: number, q: number): void {
  const off = a[p * d + q]
  if (off === 0) return
  const ratio = (a[q * d + q] - a[p * d + p]) / (2 * off)
  const tangent = (ratio >= 0 ? 1 : -1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1))
  const cosine = 1 / Math.sqrt(tangent * tangent + 1)
  const sine = tangent * cosine
  for (let k = 0; k < d; k++) {
    const x = a[k * d + p]
    const y = a[k * d + q]
    a[k * d + p] = cosine * x - sine * y
    a[k * d + q] = sine * x + cosine * y
  }
  for (const table of [a, v]) {
    for (let k = 0; k < d; k++) {
      const x = table[p * d + k]
      const y = table[q * d + k]
      table[p * d + k] = cosine * x - sine * y
      table[q * d + k] = sine * x + cosine * y
    }
  }
}

function offDiagonal(a: Float64Array, d: number): number {
  let sum = 0
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) if (i !== j) sum += a[i * d + j] ** 2
  return sum
}
