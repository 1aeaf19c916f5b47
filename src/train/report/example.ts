import { type Axis, formatNumber } from './axis.ts'
import { gradient, heatmapUri } from './heatmap.ts'
import { escapeHtml } from './html.ts'
import { waveform } from './plot.ts'
import { plotArea } from './plot-area.ts'

/** How a window's features are drawn: one line, or an image. */
export type View = WaveView | ImageView

interface WaveView {
  kind: 'wave'
  x: Axis
  /** Of the values. */
  unit: string
}

interface ImageView {
  kind: 'image'
  /** `[rows × columns]` values; transposed, rows run to the right and columns upwards, as in spectrograms. */
  rows: number
  columns: number
  transpose: boolean
  x: Axis
  y: Axis
  /** Of the values. */
  unit: string
}

/** A held-out window beside what the network made of it; both in un-normalised feature units. */
export interface Example {
  title: string
  score: number
  original: Float32Array
  reconstruction: Float32Array
}

type Pictures = Record<'original' | 'reconstruction' | 'residual', Float32Array>

/** Original, reconstruction and residual side by side. */
export function renderExample({ title, score, original, reconstruction }: Example, view: View): string {
  const pictures = { original, reconstruction, residual: original.map((value, i) => value - reconstruction[i]) }
  const drawn = view.kind === 'wave' ? waves(pictures, view) : images(pictures, view)
  const heading = `${escapeHtml(title)} · score ${formatNumber(score)}`
  return `<div class="example"><h3>${heading}</h3><div class="pictures">${drawn.join('')}</div></div>`
}

const CLASSES = { original: 'c1', reconstruction: 'c2', residual: 'c3' }

function waves(pictures: Pictures, view: WaveView): string[] {
  const extent = range(Object.values(pictures))
  return namesOf(pictures).map(name => {
    return picture(name, waveform({ className: CLASSES[name], values: pictures[name] }, extent, view))
  })
}

function images(pictures: Pictures, view: ImageView): string[] {
  const extent = range([pictures.original, pictures.reconstruction])
  const most = Math.max(...range([pictures.residual]).map(Math.abs))
  return namesOf(pictures).map(name => {
    const isResidual = name === 'residual'
    const [low, high] = isResidual ? [-most, most] : extent
    const colours = isResidual ? 'diverging' : 'sequential'
    const { rows, columns, transpose, x, y } = view
    const values = transpose ? transposed(pictures[name], rows, columns) : pictures[name]
    const size = transpose ? { rows: columns, columns: rows, upwards: true } : { rows, columns }
    const uri = heatmapUri({ values, ...size, low, high, colours })
    const content = `<img alt="${name}" src="${uri}">`
    const plot = plotArea({ x, y, content, label: name, className: 'map', style: transpose ? '' : shape(size) })
    return picture(name, plot + colourScale(low, high, view.unit, colours))
  })
}

/** Frames keep their shape, unless they are as narrow as a line. */
const shape = ({ rows, columns }: { rows: number; columns: number }): string => {
  const aspect = columns / rows
  return aspect > 0.5 && aspect < 4 ? `height:auto;aspect-ratio:${aspect.toFixed(3)}` : ''
}

const colourScale = (low: number, high: number, unit: string, colours: 'sequential' | 'diverging'): string =>
  `<div class="scale"><span>${short(low)}</span><i style="background:${gradient(colours)}"></i>` +
  `<span>${short(high)} ${escapeHtml(unit)}</span></div>`

const short = (value: number): string => formatNumber(Number(value.toPrecision(3)))

const namesOf = (pictures: Pictures) => Object.keys(pictures) as (keyof Pictures)[]

const picture = (caption: string, content: string): string =>
  `<figure><figcaption>${caption}</figcaption>${content}</figure>`

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)])
}

function range(arrays: readonly Float32Array[]): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const array of arrays) {
    for (const value of array) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  return [low, high]
}
