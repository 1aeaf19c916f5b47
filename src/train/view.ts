import type { FrontEndConfig } from '../model/frontends/config.ts'
import { type FrontEnd, sizeOf } from '../model/frontends/frontend.ts'
import type { View } from './report/example.ts'
import { imageAxes, unitOf, waveAxis } from './view-axes.ts'

/** How a window's features are drawn, and what of them. */
export interface FeatureView {
  view: View
  /** What is drawn of a window's features `[items × feature size]`. */
  draw(features: Float32Array): Float32Array
}

/** Samples and vectors are lines; spectrograms are images with time to the right; stacks of frames are laid over one another. */
export function featureView(config: FrontEndConfig, { items, featureShape }: FrontEnd): FeatureView {
  const unit = unitOf(config)
  const image = (rows: number, columns: number): View => {
    const size = { rows, columns, transpose: config.type !== 'frame' }
    return { kind: 'image', ...size, unit, ...imageAxes(config, rows, columns) }
  }
  if ('stack' in config && config.stack !== null) {
    const { stack } = config
    const columns = sizeOf(featureShape) / stack
    return { view: image(items + stack - 1, columns), draw: features => unstack(features, items, stack, columns) }
  }
  const [rows, columns = 1, channels = 1] = featureShape
  if (config.type === 'raw' || (columns === 1 && channels === 1)) {
    return { view: { kind: 'wave', unit, x: waveAxis(config, rows) }, draw: features => features }
  }
  return { view: image(rows, columns), draw: features => features.filter((_, i) => i % channels === 0) }
}

/** Frames `[items + stack − 1, columns]` from overlapping stacks of them, each the mean of where it occurs. */
function unstack(features: Float32Array, items: number, stack: number, columns: number): Float32Array {
  const rows = items + stack - 1
  const frames = new Float32Array(rows * columns)
  for (let i = 0; i < features.length; i++) {
    const item = Math.floor(i / (stack * columns))
    frames[item * columns + (i % (stack * columns))] += features[i]
  }
  for (let row = 0; row < rows; row++) {
    const count = Math.min(row + 1, rows - row, stack, items)
    for (let column = 0; column < columns; column++) frames[row * columns + column] /= count
  }
  return frames
}
