import type { DetectorConfig } from './config.ts'

/** How a window becomes the vector that a detector scores. */
export interface VectorSpec {
  readonly on: DetectorConfig['on']
  /** Of features. */
  readonly summary: 'mean' | 'mean-deviation' | 'values'
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
  return summary === 'mean' ? bands : 2 * bands
}

/**
 * A summary of each window's features.
 * @param features `[n × items × item]`, normalised @param item size of an item
 * @returns `[n × vectorSize]`
 */
export function summarizeFeatures(features: Float32Array, n: number, item: number, spec: VectorSpec): Float32Array {
  const { summary } = spec
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
