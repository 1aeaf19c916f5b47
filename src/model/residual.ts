/** Share of the mean variance that is added to each, so that a feature which happened not to vary in training does not rule the score. */
const SHRINKAGE = 0.1

/**
 * What is wrong with a window throughout: its residual (feature − reconstruction) averaged over its items. Noise averages out; what
 * an autoencoder gets wrong in every item stays.
 * @param features and reconstruction `[n × items × size]`, normalised
 * @returns `[n × size]`
 */
export function meanResiduals(features: Float32Array, reconstruction: Float32Array, n: number, size: number) {
  const residuals = new Float32Array(n * size)
  const items = features.length / (n * size)
  for (let i = 0; i < n; i++) {
    for (let at = i * items * size; at < (i + 1) * items * size; at++) {
      residuals[i * size + (at % size)] += (features[at] - reconstruction[at]) / items
    }
  }
  return residuals
}

/**
 * Mean over features of the squared mean residual in units of its spread: a Mahalanobis distance with a diagonal covariance, about 1
 * for a window like those of training.
 * @param residuals `[n × size]` @param spread `[size]`, positive @returns `[n]`
 */
export function residualScores(residuals: Float32Array, spread: readonly number[]): Float32Array {
  const size = spread.length
  const scores = new Float32Array(residuals.length / size)
  for (let i = 0; i < scores.length; i++) {
    let sum = 0
    for (let k = 0; k < size; k++) sum += (residuals[i * size + k] / spread[k]) ** 2
    scores[i] = sum / size
  }
  return scores
}

/** Root mean square of each feature's mean residual over windows that are added batch by batch. */
export class SpreadFit {
  readonly #squares: Float64Array
  #windows = 0

  constructor(size: number) {
    this.#squares = new Float64Array(size)
  }

  /** @param residuals `[n × size]` */
  add(residuals: Float32Array): void {
    const size = this.#squares.length
    for (let i = 0; i < residuals.length; i++) this.#squares[i % size] += residuals[i] ** 2
    this.#windows += residuals.length / size
  }

  /** @returns `[size]`, positive; 1 where the reconstruction was perfect everywhere */
  finish(): number[] {
    const variances = this.#squares.map(sum => sum / this.#windows)
    const mean = variances.reduce((sum, x) => sum + x, 0) / variances.length
    return Array.from(variances, variance => (mean > 0 ? Math.sqrt(variance + SHRINKAGE * mean) : 1))
  }
}
