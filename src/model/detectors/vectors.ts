import type { DetectorConfig } from './config.ts'

/** How a window becomes the vector that a detector scores. */
export interface VectorSpec {
  readonly on: DetectorConfig['on']
  /** Of features. */
  readonly summary: 'mean' | 'median' | 'mean-deviation' | 'values'
  /** Length of the last axis that has a meaning of its own, mel bands say; it divides that of an item. */
  readonly bands: number
}

/** @param bands of the front end; 1 where it has none (samples, frames) */
export function vectorSpec({ on, summary }: Pick<DetectorConfig, 'on' | 'summary'>, bands: number): VectorSpec {
  return { on, bands, summary: summary ?? (bands > 1 ? 'mean-deviation' : 'values') }
}

/** Length of the vector of a window. */
export function vectorSize({ on, summary, bands }: VectorSpec, sizes: { latent: number; item: number }): number {
  if (on === 'latent') return sizes.latent
  if (on === 'residual' || summary === 'values') return sizes.item
  return summary === 'mean-deviation' ? 2 * bands : bands
}

/**
 * A summary of each window's features.
 * @param features `[n × items × item]`, normalised @param item size of an item
 * @returns `[n × vectorSize]`
 */
export function summarizeFeatures(features: Float32Array, n: number, item: number, spec: VectorSpec): Float32Array {
  const { summary } = spec
  if (summary === 'median') return mediansOf(features, n, spec.bands)
  const length = summary === 'values' ? item : spec.bands
  const width = summary === 'mean-deviation' ? 2 * length : length
  const out = new Float32Array(n * width)
  const size = features.length / n
  const rows = size / length
  const means = new Float64Array(length)
  const squares = new Float64Array(length)
  for (let i = 0; i < n; i++) {
    means.fill(0)
    squares.fill(0)
    for (let at = 0; at < size; at++) means[at % length] += features[i * size + at] / rows
    out.set(means, i * width)
    if (summary !== 'mean-deviation') continue
    for (let at = 0; at < size; at++) squares[at % length] += (features[i * size + at] - means[at % length]) ** 2 / rows
    out.set(squares.map(Math.sqrt), i * width + length)
  }
  return out
}

/** Median of each band over the rows of each window, `[n × bands]`: a passer-by moves it less than the mean. */
function mediansOf(features: Float32Array, n: number, bands: number): Float32Array {
  const out = new Float32Array(n * bands)
  const size = features.length / n
  const rows = new Float32Array(size / bands)
  const middle = (rows.length - 1) / 2
  for (let i = 0; i < n; i++) {
    for (let band = 0; band < bands; band++) {
      for (let row = 0; row < rows.length; row++) rows[row] = features[i * size + row * bands + band]
      rows.sort()
      out[i * bands + band] = (rows[Math.floor(middle)] + rows[Math.ceil(middle)]) / 2
    }
  }
  return out
}
