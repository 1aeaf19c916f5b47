import type { FrontEndConfig } from '../frontends/config.ts'
import { tileStarts } from '../frontends/crop.ts'
import { type FrontEnd, sizeOf } from '../frontends/frontend.ts'
import { framesOfWindow } from '../frontends/rules.ts'
import { axesOf, unitOf } from './axes.ts'
import type { FeatureAxis } from './axis.ts'

/** How the values of a window's features `[items × feature size]` lie in one matrix `[rows × columns]`. */
export interface FeatureMap {
  /** To the right: time, or columns of pixels. */
  readonly x: FeatureAxis
  /** Bands from low to high, or rows of pixels from top to bottom; undefined where there is one row only. */
  readonly y: FeatureAxis | undefined
  readonly rows: number
  readonly columns: number
  /** Of the values. */
  readonly unit: string
  /** Sums up, in each cell, the values of features that lie there: overlapping stacks, channels. @returns `[rows × columns]` */
  sum(values: Float32Array | Float64Array): Float64Array
  /** The same with the mean. */
  mean(values: Float32Array | Float64Array): Float64Array
}

/** The map of what a front end gives. Stacks and crops are laid over one another, back to the frames they came from. */
export function createFeatureMap(
  config: FrontEndConfig,
  { items, featureShape }: Pick<FrontEnd, 'items' | 'featureShape'>,
): FeatureMap {
  const size = sizeOf(featureShape)
  const { rows, columns, cellOf } = layout(config, items, featureShape)
  const cells = Int32Array.from({ length: items * size }, (_, i) => cellOf(Math.floor(i / size), i % size))
  const counts = new Int32Array(rows * columns)
  for (const cell of cells) counts[cell]++
  const sum = (values: Float32Array | Float64Array) => {
    const sums = new Float64Array(rows * columns)
    for (let i = 0; i < cells.length; i++) sums[cells[i]] += values[i]
    return sums
  }
  const mean = (values: Float32Array | Float64Array) => sum(values).map((value, cell) => value / counts[cell])
  return { ...axesOf(config, columns, rows), rows, columns, unit: unitOf(config), sum, mean }
}

interface Layout {
  readonly rows: number
  readonly columns: number
  /** The cell of value k of an item. */
  cellOf(item: number, k: number): number
}

function layout(config: FrontEndConfig, items: number, featureShape: readonly number[]): Layout {
  const size = sizeOf(featureShape)
  if ('stack' in config && config.stack !== null) {
    const bands = size / config.stack
    const frames = items + config.stack - 1
    return { rows: bands, columns: frames, cellOf: (item, k) => (k % bands) * frames + item + Math.floor(k / bands) }
  }
  if ('crop' in config && config.crop !== null) {
    const [length, bands] = featureShape
    const frames = framesOfWindow(config)
    const starts = tileStarts(frames, length)
    const cellOf = (item: number, k: number) => (k % bands) * frames + starts[item] + Math.floor(k / bands)
    return { rows: bands, columns: frames, cellOf }
  }
  const [first, second = 1] = featureShape
  if (config.type === 'frame' && config.shape.length > 1) {
    const channels = size / (first * second)
    return { rows: first, columns: second, cellOf: (_, k) => Math.floor(k / channels) }
  }
  return { rows: second, columns: first, cellOf: (_, k) => (k % second) * first + Math.floor(k / second) }
}
