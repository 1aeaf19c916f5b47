import type { FeatureAxis } from '../../model/explanation/axis.ts'
import type { FeatureMap } from '../../model/explanation/feature-map.ts'
import type { Reconstructed } from '../../model/scorer.ts'
import { type AxisJson, axisToJson } from '../axis-json.ts'

/** Cells of a picture to each side at most, and of one that has a single row. */
const MOST_CELLS = 256
const MOST_IN_A_ROW = 2048

/** What came and what was expected, `[rows × columns]` each. */
export interface Picture {
  readonly features: Float64Array
  readonly reconstruction: Float64Array
}

/**
 * Makes windows of one model into pictures that are small enough to be sent. Of cells that share one of a picture, it shows the one that is
 * furthest from what was expected: a mean would hide a single hot pixel, and most of a wave.
 */
export class PictureMaker {
  readonly rows: number
  readonly columns: number
  readonly unit: string
  readonly axes: { readonly x: AxisJson; readonly y?: AxisJson }
  readonly #map: FeatureMap
  /** Cells of the map in one of the picture. */
  readonly #height: number
  readonly #width: number

  constructor(map: FeatureMap) {
    this.#map = map
    this.#height = Math.ceil(map.rows / MOST_CELLS)
    this.#width = Math.ceil(map.columns / (map.rows === 1 ? MOST_IN_A_ROW : MOST_CELLS))
    this.rows = Math.ceil(map.rows / this.#height)
    this.columns = Math.ceil(map.columns / this.#width)
    this.unit = map.unit
    const x = axisToJson(coarser(map.x, this.#width))
    this.axes = map.y ? { x, y: axisToJson(coarser(map.y, this.#height)) } : { x }
  }

  /** Milliseconds that a picture shows; 0 where it has no time. */
  get span(): number {
    const { unit, edges } = this.axes.x
    return unit === 's' ? 1000 * (edges[edges.length - 1] - edges[0]) : 0
  }

  /** @param reconstructed of one window */
  make(reconstructed: Reconstructed): Picture {
    const features = this.#map.mean(reconstructed.features)
    const reconstruction = this.#map.mean(reconstructed.reconstruction)
    if (this.#height === 1 && this.#width === 1) return { features, reconstruction }
    const cells = Array.from({ length: this.rows * this.columns }, (_, i) =>
      this.#furthest(features, reconstruction, i),
    )
    return {
      features: Float64Array.from(cells, cell => features[cell]),
      reconstruction: Float64Array.from(cells, cell => reconstruction[cell]),
    }
  }

  /** The cell of the map that stands for one of the picture. */
  #furthest(features: Float64Array, reconstruction: Float64Array, i: number): number {
    const { rows, columns } = this.#map
    const top = Math.floor(i / this.columns) * this.#height
    const left = (i % this.columns) * this.#width
    let best = top * columns + left
    let most = Number.NEGATIVE_INFINITY
    for (let row = top; row < Math.min(rows, top + this.#height); row++) {
      for (let column = left; column < Math.min(columns, left + this.#width); column++) {
        const cell = row * columns + column
        const distance = Math.abs(features[cell] - reconstruction[cell])
        if (distance <= most) continue
        most = distance
        best = cell
      }
    }
    return best
  }
}

function coarser({ name, unit, edges }: FeatureAxis, size: number): Pick<FeatureAxis, 'name' | 'unit' | 'edges'> {
  const last = edges.length - 1
  return { name, unit, edges: edges.filter((_, i) => i % size === 0 || i === last) }
}

/** `low` becomes 0 and `high` 255. @returns base64 */
export function toBytes(values: Float64Array, low: number, high: number): string {
  const bytes = Buffer.allocUnsafe(values.length)
  const scale = 255 / (high - low)
  for (let i = 0; i < values.length; i++) bytes[i] = Math.min(255, Math.max(0, Math.round((values[i] - low) * scale)))
  return bytes.toString('base64')
}
