import { unitOf } from '../model/explanation/axes.ts'
import { createFeatureMap } from '../model/explanation/feature-map.ts'
import type { FrontEndConfig } from '../model/frontends/config.ts'
import type { FrontEnd } from '../model/frontends/frontend.ts'
import type { View } from './report/example.ts'
import { imageAxes, waveAxis } from './view-axes.ts'

/** How a window's features are drawn, and what of them. */
export interface FeatureView {
  view: View
  /** What is drawn of a window's features `[items × feature size]`. */
  draw(features: Float32Array): Float32Array
}

/** Samples and vectors are lines; spectrograms are images with time to the right; stacks and crops of frames are laid over one another. */
export function featureView(config: FrontEndConfig, { items, featureShape }: FrontEnd): FeatureView {
  const unit = unitOf(config)
  const image = (rows: number, columns: number): View => {
    const size = { rows, columns, transpose: config.type !== 'frame' }
    return { kind: 'image', ...size, unit, ...imageAxes(config, rows, columns) }
  }
  const isLaidOver = ('stack' in config && config.stack !== null) || ('crop' in config && config.crop !== null)
  if (isLaidOver) {
    const { rows: bands, columns: frames, mean } = createFeatureMap(config, { items, featureShape })
    return { view: image(frames, bands), draw: features => transposed(mean(features), bands, frames) }
  }
  const [rows, columns = 1, channels = 1] = featureShape
  if (config.type === 'raw' || (columns === 1 && channels === 1)) {
    return { view: { kind: 'wave', unit, x: waveAxis(config, rows) }, draw: features => features }
  }
  return { view: image(rows, columns), draw: features => features.filter((_, i) => i % channels === 0) }
}

/** `[rows × columns]` to `[columns × rows]` */
const transposed = (matrix: Float64Array, rows: number, columns: number): Float32Array =>
  Float32Array.from(matrix, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)])
