import { type Axis, axisOf, formatNumber, linearScale, logScale, wholeNumbers } from './axis.ts'
import { escapeHtml } from './html.ts'
import { drawing, gridLines, plotArea, SIDE } from './plot-area.ts'

export interface Series {
  name: string
  /** CSS class that gives the colour: `c1`, `c2`, … */
  className: string
  x: readonly number[]
  y: readonly number[]
}

/** A mark across a histogram. */
export interface Mark {
  label: string
  value: number
}

/** Lines over a common x of whole numbers. The y axis is logarithmic where the values are positive and span more than a factor of 20. */
export function lineChart(series: readonly Series[], xLabel: string, yLabel: string): string {
  const xs = series.flatMap(s => s.x)
  const ys = series.flatMap(s => s.y)
  if (ys.length === 0) return ''
  const low = Math.min(...ys)
  const high = Math.max(...ys)
  const x = linearScale(Math.min(...xs), Math.max(...xs), 0, 1)
  const isLog = low > 0 && high / low > 20
  const y = isLog ? logScale(low, high, 0, 1) : linearScale(low > 0 && low < high / 3 ? 0 : low, high, 0, 1)
  const lines = series.map(s => polyline(s.className, s.x.map(x), s.y.map(y)))
  const axes = { x: wholeNumbers(axisOf(xLabel, x)), y: axisOf(yLabel, y) }
  const content = drawing(gridLines(axes.y) + lines.join(''))
  return plotArea({ ...axes, content, label: `${yLabel} over ${xLabel}`, className: 'chart' }) + legend(series)
}

/** Counts per score, one set of bars per group, drawn over one another, with thresholds as vertical marks. */
export function histogram(
  groups: readonly { name: string; className: string; values: ArrayLike<number> }[],
  marks: readonly Mark[],
  xLabel: string,
  bins = 48,
): string {
  const all = groups.flatMap(group => Array.from(group.values))
  if (all.length === 0) return ''
  const edges = [...all, ...marks.map(mark => mark.value)]
  const low = edges.reduce((a, b) => Math.min(a, b))
  const top = edges.reduce((a, b) => Math.max(a, b))
  const high = top > low ? low + (top - low) * 1.02 : low + (Math.abs(low) || 1) * 0.1
  const counts = groups.map(group => count(group.values, low, high, bins))
  const x = linearScale(low, high, 0, 1)
  const y = linearScale(0, Math.max(...counts.flat()) * 1.05, 0, 1)
  const width = SIDE / bins
  const bars = groups.flatMap((group, g) =>
    counts[g].map((n, i) => {
      const height = SIDE * y(n)
      const at = `x="${(i * width + 1).toFixed(1)}" y="${(SIDE - height).toFixed(1)}"`
      const size = `width="${(width - 2).toFixed(1)}" height="${height.toFixed(1)}"`
      return n ? `<rect class="bar ${group.className}" ${at} ${size}/>` : ''
    }),
  )
  const lines = marks.map(({ value }, i) => {
    const at = (SIDE * x(value)).toFixed(1)
    return `<line class="mark ${markClass(i)}" x1="${at}" x2="${at}" y1="0" y2="${SIDE}"/>`
  })
  const axes = { x: axisOf(xLabel, x), y: wholeNumbers(axisOf('windows', y)) }
  const content = drawing(gridLines(axes.y) + bars.join('') + lines.join(''))
  const shown = marks.map(({ label, value }, i) => ({
    name: `${label}: ${formatNumber(value)}`,
    className: `mark-key ${markClass(i)}`,
  }))
  const key = legend([...(groups.length > 1 ? groups : []), ...shown], 1)
  return plotArea({ ...axes, content, label: `Histogram of ${xLabel}`, className: 'chart' }) + key
}

/** Dashes, then dots. */
const markClass = (index: number): string => `m${(index % 2) + 1}`

/** A signal, drawn as the range of its values in each of 600 columns at most. */
export function waveform(
  { className, values }: { className: string; values: ArrayLike<number> },
  [low, high]: readonly [number, number],
  { x, unit }: { x: Axis; unit: string },
): string {
  const y = linearScale(low, high, 0.03, 0.97)
  const columns = Math.min(600, values.length)
  const xs: number[] = []
  const ys: number[] = []
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * values.length) / columns)
    const to = Math.max(from + 1, Math.floor(((column + 1) * values.length) / columns))
    let least = values[from]
    let most = values[from]
    for (let i = from; i < to; i++) {
      least = Math.min(least, values[i])
      most = Math.max(most, values[i])
    }
    for (const value of most > least ? [least, most] : [least]) {
      xs.push((column + 0.5) / columns)
      ys.push(y(value))
    }
  }
  const axis = axisOf(unit, y)
  const content = drawing(gridLines(axis) + polyline(`thin ${className}`, xs, ys))
  return plotArea({ x, y: axis, content, label: 'Waveform', className: 'wave' })
}

function count(values: ArrayLike<number>, low: number, high: number, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0)
  for (let i = 0; i < values.length; i++)
    counts[Math.min(bins - 1, Math.floor(((values[i] - low) / (high - low)) * bins))]++
  return counts
}

/** Through fractions of the area; a single point is a dot, since the ends of lines are round. */
export function polyline(className: string, xs: readonly number[], ys: readonly number[]): string {
  const points = xs.map((x, i) => `${(SIDE * x).toFixed(1)},${(SIDE * (1 - ys[i])).toFixed(1)}`)
  if (points.length === 1) points.push(points[0])
  return `<polyline class="line ${className}${xs.length === 1 ? ' dot' : ''}" points="${points.join(' ')}"/>`
}

export const legend = (items: readonly { name: string; className: string }[], least = 2): string =>
  items.length < least
    ? ''
    : `<p class="legend">${items.map(item => `<span class="${item.className}">${escapeHtml(item.name)}</span>`).join('')}</p>`
