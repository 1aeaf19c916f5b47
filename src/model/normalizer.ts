import { AuscultError } from '../errors.ts'

/**
 * An affine map of features, x' = (x − offset) × scale. Both arrays have the same length L, which divides that of a flattened
 * feature array, and value i of that array uses entry i % L:
 * - L = 1: one map for every value (raw samples, detector frames);
 * - L = bins, features `[frames, bins, 1]`: one map for each bin, the same in every frame;
 * - L = bins, stacked features `[k × bins]`: the same, so each map is used k times.
 */
export interface Normalization {
  readonly offset: readonly number[]
  readonly scale: readonly number[]
}

/** A spread below this fraction of the magnitude is rounding of float32, not variation. */
const FLOAT32_RESOLUTION = 2 ** -22

/** `minmax` brings the range to [0, 1], `symmetric` to [−1, 1], `standard` mean and deviation to 0 and 1. */
type Method = 'none' | 'minmax' | 'symmetric' | 'standard'

/**
 * Fits a normalisation to arrays that are fed one after another, in one pass and constant memory. Means and squared deviations
 * are merged as in Chan, Golub and LeVeque (1979), in float64. Entries that never vary get scale 1: they become 0.
 */
export class NormalizerFit {
  readonly #method: Method
  readonly #length: number
  readonly #min: Float64Array
  readonly #max: Float64Array
  readonly #mean: Float64Array
  readonly #squares: Float64Array
  #rows = 0

  /** @param length entries of the map, see Normalization */
  constructor(method: Method, length: number) {
    this.#method = method
    this.#length = length
    this.#min = new Float64Array(length).fill(Number.POSITIVE_INFINITY)
    this.#max = new Float64Array(length).fill(Number.NEGATIVE_INFINITY)
    this.#mean = new Float64Array(length)
    this.#squares = new Float64Array(length)
  }

  /** @param features `[n × length]`, finite, read and not kept @throws AUSCULT_SHAPE */
  add(features: Float32Array): void {
    requireMultiple(features, this.#length)
    const rows = features.length / this.#length
    if (rows === 0) return
    if (this.#method === 'minmax' || this.#method === 'symmetric') this.#extend(features)
    if (this.#method === 'standard') this.#merge(features, rows)
    this.#rows += rows
  }

  /** @throws AUSCULT_TRAINING when nothing was added */
  finish(): Normalization {
    if (this.#method === 'none') return { offset: [0], scale: [1] }
    if (this.#rows === 0) {
      throw new AuscultError('AUSCULT_TRAINING', 'there are no features to fit the normalisation to', {
        remedy: 'Check that the training set is not empty.',
      })
    }
    if (this.#method === 'minmax') {
      const spread = this.#max.map((max, i) => max - this.#min[i])
      return this.#result(this.#min, spread)
    }
    if (this.#method === 'symmetric') {
      const half = this.#max.map((max, i) => (max - this.#min[i]) / 2)
      return this.#result(
        this.#min.map((min, i) => min + half[i]),
        half,
      )
    }
    return this.#result(
      this.#mean,
      this.#squares.map(squares => Math.sqrt(squares / this.#rows)),
    )
  }

  #result(offset: Float64Array, spread: Float64Array): Normalization {
    const scale = Array.from(spread, (s, i) => (s > FLOAT32_RESOLUTION * Math.abs(offset[i]) ? 1 / s : 1))
    return { offset: [...offset], scale }
  }

  #extend(features: Float32Array): void {
    for (let row = 0; row < features.length; row += this.#length) {
      for (let i = 0; i < this.#length; i++) {
        const value = features[row + i]
        if (value < this.#min[i]) this.#min[i] = value
        if (value > this.#max[i]) this.#max[i] = value
      }
    }
  }

  #merge(features: Float32Array, rows: number): void {
    const mean = new Float64Array(this.#length)
    const squares = new Float64Array(this.#length)
    for (let row = 0; row < features.length; row += this.#length) {
      for (let i = 0; i < this.#length; i++) mean[i] += features[row + i]
    }
    for (let i = 0; i < this.#length; i++) mean[i] /= rows
    for (let row = 0; row < features.length; row += this.#length) {
      for (let i = 0; i < this.#length; i++) squares[i] += (features[row + i] - mean[i]) ** 2
    }
    const total = this.#rows + rows
    for (let i = 0; i < this.#length; i++) {
      const delta = mean[i] - this.#mean[i]
      this.#squares[i] += squares[i] + (delta * delta * this.#rows * rows) / total
      this.#mean[i] += (delta * rows) / total
    }
  }
}

/** x' = (x − offset) × scale, in place. @throws AUSCULT_SHAPE */
export function applyNormalization(features: Float32Array, offset: ArrayLike<number>, scale: ArrayLike<number>): void {
  requireMultiple(features, offset.length)
  if (offset.length === 1) {
    const [shift, factor] = [offset[0], scale[0]]
    for (let i = 0; i < features.length; i++) features[i] = (features[i] - shift) * factor
    return
  }
  for (let row = 0; row < features.length; row += offset.length) {
    for (let i = 0; i < offset.length; i++) features[row + i] = (features[row + i] - offset[i]) * scale[i]
  }
}

/** x = x' / scale + offset, in place. @throws AUSCULT_SHAPE */
export function invertNormalization(features: Float32Array, offset: ArrayLike<number>, scale: ArrayLike<number>): void {
  requireMultiple(features, offset.length)
  for (let row = 0; row < features.length; row += offset.length) {
    for (let i = 0; i < offset.length; i++) features[row + i] = features[row + i] / scale[i] + offset[i]
  }
}

function requireMultiple(features: Float32Array, length: number): void {
  if (features.length % length === 0) return
  throw new AuscultError('AUSCULT_SHAPE', `${features.length} features do not divide into rows of ${length}`, {
    remedy: 'The normalisation belongs to another front end: train again.',
  })
}
