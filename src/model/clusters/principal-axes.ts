import { tridiagonalEigenpairs } from './householder.ts'
import type { Eigenpair } from './jacobi.ts'
import { leadingEigenpairs } from './leading.ts'

/** Where items vary most. */
export interface PrincipalAxes {
  /** `[d]` */
  readonly mean: Float64Array
  /** `[k][d]`, orthonormal; the value of largest size in each is positive. Zero where no variance is left. */
  readonly axes: readonly Float64Array[]
  /** `[k]`: variance along each, of n − 1 degrees of freedom, the largest first. */
  readonly variances: readonly number[]
  /** Of all axes that there are. */
  readonly total: number
}

/** Up to so many rows all eigenpairs are computed; of larger matrices the leading ones, while these are few. */
const FEW_ROWS = 1000
const FEW_PARTS = 8
const FIRST_GUESS = 32
/** Below this part of all variance there is none. */
const NO_VARIANCE = 1e-12

/**
 * Principal components of items (Pearson 1901), with the signs of scikit-learn's `PCA`. The matrix that is taken apart has as many rows as
 * there are items or values, whichever is less: of few items with many values the products of items with one another (Turk and Pentland
 * 1991).
 * @param data `[n × d]`, n at least 2
 * @param keep how many; or, below 1, the share of variance that the kept ones are to exceed
 */
export function principalAxes(data: Float32Array, d: number, keep: number): PrincipalAxes {
  const n = data.length / d
  const mean = meanOf(data, d)
  const byItems = n < d
  const side = byItems ? n : d
  const rows = byItems ? centred(data, d, mean) : centredColumns(data, d, mean)
  const products = productsOf(rows, side)
  let trace = 0
  for (let i = 0; i < side; i++) trace += products[i * side + i]
  const kept = keep < 1 ? toShare(products, side, trace * keep) : largest(products, side, Math.min(keep, side))
  const axes = kept.map(({ value, vector }) => {
    if (!(value > NO_VARIANCE * trace)) return new Float64Array(d)
    return withSign(byItems ? combine(rows, vector, d, 1 / Math.sqrt(value)) : vector)
  })
  while (keep >= 1 && axes.length < keep) axes.push(new Float64Array(d))
  const variances = axes.map((_, i) => Math.max(0, kept[i]?.value ?? 0) / (n - 1))
  return { mean, axes, variances, total: trace / (n - 1) }
}

function largest(matrix: Float64Array, side: number, k: number): Eigenpair[] {
  return side <= FEW_ROWS || k > side / FEW_PARTS
    ? tridiagonalEigenpairs(matrix, side, () => k)
    : leadingEigenpairs(matrix, side, k)
}

/** As few as exceed a sum together. */
function toShare(matrix: Float64Array, side: number, wanted: number): Eigenpair[] {
  for (let k = FIRST_GUESS; side > FEW_ROWS && k <= side / FEW_PARTS; k *= 2) {
    const pairs = leadingEigenpairs(matrix, side, k)
    const values = pairs.map(({ value }) => value)
    if (values.reduce((sum, value) => sum + value, 0) > wanted) return pairs.slice(0, countToExceed(values, wanted))
  }
  return tridiagonalEigenpairs(matrix, side, values => countToExceed(values, wanted))
}

/** Of items that are all the same, one. */
function countToExceed(values: readonly number[], wanted: number): number {
  let sum = 0
  for (const [i, value] of values.entries()) {
    sum += value
    if (sum > wanted) return i + 1
  }
  return wanted > 0 ? values.length : 1
}

function meanOf(data: Float32Array, d: number): Float64Array {
  const n = data.length / d
  const mean = new Float64Array(d)
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) mean[j] += data[i * d + j]
  return mean.map(sum => sum / n)
}

/** `[n][d]` */
const centred = (data: Float32Array, d: number, mean: Float64Array): Float64Array[] =>
  Array.from({ length: data.length / d }, (_, i) => Float64Array.from(mean, (m, j) => data[i * d + j] - m))

/** `[d][n]` */
const centredColumns = (data: Float32Array, d: number, mean: Float64Array): Float64Array[] =>
  Array.from(mean, (m, j) => Float64Array.from({ length: data.length / d }, (_, i) => data[i * d + j] - m))

/** Products of rows with one another, `[side × side]`. */
function productsOf(rows: readonly Float64Array[], side: number): Float64Array {
  const products = new Float64Array(side * side)
  for (let i = 0; i < side; i++) {
    for (let j = 0; j <= i; j++) {
      const value = dot(rows[i], rows[j])
      products[i * side + j] = value
      products[j * side + i] = value
    }
  }
  return products
}

/** Four sums that do not wait for one another. */
function dot(a: Float64Array, b: Float64Array): number {
  const whole = a.length - (a.length % 4)
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  for (let i = 0; i < whole; i += 4) {
    s0 += a[i] * b[i]
    s1 += a[i + 1] * b[i + 1]
    s2 += a[i + 2] * b[i + 2]
    s3 += a[i + 3] * b[i + 3]
  }
  for (let i = whole; i < a.length; i++) s0 += a[i] * b[i]
  return s0 + s1 + s2 + s3
}

function combine(rows: readonly Float64Array[], weights: Float64Array, d: number, factor: number): Float64Array {
  const out = new Float64Array(d)
  for (const [i, row] of rows.entries()) for (let j = 0; j < d; j++) out[j] += factor * weights[i] * row[j]
  return out
}

function withSign(vector: Float64Array): Float64Array {
  let best = 0
  for (const value of vector) if (Math.abs(value) > Math.abs(best)) best = value
  return best < 0 ? vector.map(value => -value) : vector
}
