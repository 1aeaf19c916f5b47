/**
 * A kind of covariance matrix. A covariance is a vector of `size(d)` numbers; its factor, which online learning keeps up to date, one of
 * `width(d)` numbers at some place of a table.
 */
export interface Covariance {
  size(d: number): number
  width(d: number): number
  /** Whether a Mahalanobis distance takes many times as long as a Euclidean one. */
  readonly isCostly: boolean
  /** Adds `weight · δδᵀ` to the covariance at `at`. */
  accumulate(covariances: Float64Array, at: number, delta: Float64Array, weight: number): void
  /** Adds `value` to each variance of the covariance at `at`. */
  regularize(covariances: Float64Array, at: number, d: number, value: number): void
  /** @returns whether it is positive definite; otherwise the factor is of no use */
  factorize(covariance: Float64Array, d: number, factors: Float64Array, at: number): boolean
  /** The covariance that a factor stands for. */
  expand(factors: Float64Array, at: number, d: number): Float64Array
  /** Half the logarithm of the determinant. */
  halfLogDeterminant(factors: Float64Array, at: number, d: number): number
  /**
   * δᵀ Σ⁻¹ δ for the δ from a row of `means` to a row of `points`. Gives up beyond `bound` and returns what it has then, which is more.
   * @param scratch `[d]`
   */
  squaredMahalanobis(
    factors: Float64Array,
    at: number,
    points: Float64Array,
    point: number,
    means: Float64Array,
    mean: number,
    d: number,
    bound: number,
    scratch: Float64Array,
  ): number
  /** Σ ← (1 − rate) (Σ + rate · δδᵀ), no variance given what went before below `floor`. Destroys `delta`. */
  learn(factors: Float64Array, at: number, delta: Float64Array, rate: number, floor: number): void
  /** Copies a factor from the begin of `from`, its standard deviations multiplied by `scale`. */
  scale(from: Float64Array, factors: Float64Array, at: number, d: number, scale: number): void
}
