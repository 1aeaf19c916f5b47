import { formatNumber, linearScale, logScale, type Scale } from './axis.ts'
import { escapeHtml } from './html.ts'

const WIDTH = 720
const HEIGHT = 240
const LEFT = 64
const RIGHT = 12
const TOP = 14
const BOTTOM = 38

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

/** Lines over a common x. The y axis is logarithmic where the values are positive and span more than a factor of 20. */
export function lineChart(series: readonly Series[], xLabel: string, yLabel: string): string {
  const xs = series.flatMap(s => s.x)
  const ys = series.flatMap(s => s.y)
  if (ys.length === 0) return ''
  const low = Math.min(...ys)
  const high = Math.max(...ys)
  const x = linearScale(Math.min(...xs), Math.max(...xs), LEFT, WIDTH - RIGHT, 8)
  const isLog = low > 0 && high / low > 20
  const y = isLog
    ? logScale(low, high, HEIGHT - BOTTOM, TOP)
    : linearScale(low > 0 && low < high / 3 ? 0 : low, high, HEIGHT - BOTTOM, TOP)
  const lines = series.map(s => {
    const points = s.y.map((value, i) => `${x(s.x[i]).toFixed(1)},${y(value).toFixed(1)}`)
    const dot =
      points.length === 1 ? `<circle class="dot ${s.className}" cx="${points[0].replace(',', '" cy="')}" r="3"/>` : ''
    return `<polyline class="line ${s.className}" points="${points.join(' ')}"/>${dot}`
  })
  return figure(axes(x, y, xLabel, yLabel) + lines.join(''), `${yLabel} over ${xLabel}`) + legend(series)
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
  const x = linearScale(low, high, LEFT, WIDTH - RIGHT, 8)
  const y = linearScale(0, Math.max(...counts.flat()), HEIGHT - BOTTOM, TOP + 12 * marks.length)
  const width = (WIDTH - RIGHT - LEFT) / bins
  const bars = groups.map((group, g) =>
    counts[g]
      .map((n, i) => {
        const at = `x="${(LEFT + i * width + 0.5).toFixed(1)}" y="${y(n).toFixed(1)}"`
        return n
          ? `<rect class="bar ${group.className}" ${at} width="${(width - 1).toFixed(1)}" height="${(HEIGHT - BOTTOM - y(n)).toFixed(1)}"/>`
          : ''
      })
      .join(''),
  )
  const lines = markLines(marks, x)
  return figure(axes(x, y, xLabel, 'windows') + bars.join('') + lines, `Histogram of ${xLabel}`) + legend(groups)
}

/** Each label starts its own line one row lower, on the side where no other line crosses it. */
function markLines(marks: readonly Mark[], x: Scale): string {
  const ascending = [...marks].sort((a, b) => a.value - b.value)
  const rightwards = ascending.length > 0 && x(ascending.at(-1)!.value) < WIDTH * 0.65
  const rows = rightwards ? ascending : ascending.reverse()
  const [anchor, shift] = rightwards ? ['start', 5] : ['end', -5]
  return rows
    .map(({ label, value }, row) => {
      const at = x(value)
      const top = TOP + 13 * row
      const text = `${escapeHtml(label)} ${formatNumber(value)}`
      return `<line class="mark" x1="${at}" x2="${at}" y1="${top}" y2="${HEIGHT - BOTTOM}"/><text class="label" x="${at + shift}" y="${top + 9}" text-anchor="${anchor}">${text}</text>`
    })
    .join('')
}

/** Signals over one another, each drawn as the range of its values in each of 600 columns at most. */
export function waveform(
  signals: readonly { className: string; values: ArrayLike<number> }[],
  low: number,
  high: number,
): string {
  const height = 120
  const x = (i: number, n: number) => (i / Math.max(1, n - 1)) * WIDTH
  const y = linearScale(low, high, height - 4, 4)
  const paths = signals.map(({ className, values }) => {
    const columns = Math.min(600, values.length)
    const points: string[] = []
    for (let column = 0; column < columns; column++) {
      const from = Math.floor((column * values.length) / columns)
      const to = Math.max(from + 1, Math.floor(((column + 1) * values.length) / columns))
      let least = values[from]
      let most = values[from]
      for (let i = from; i < to; i++) {
        least = Math.min(least, values[i])
        most = Math.max(most, values[i])
      }
      points.push(`${x(column, columns).toFixed(1)},${y(least).toFixed(1)}`)
      if (most > least) points.push(`${x(column, columns).toFixed(1)},${y(most).toFixed(1)}`)
    }
    return `<polyline class="line thin ${className}" points="${points.join(' ')}"/>`
  })
  return `<svg viewBox="0 0 ${WIDTH} ${height}" class="wave" preserveAspectRatio="none" role="img" aria-label="Waveform">${paths.join('')}</svg>`
}

function count(values: ArrayLike<number>, low: number, high: number, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0)
  for (let i = 0; i < values.length; i++)
    counts[Math.min(bins - 1, Math.floor(((values[i] - low) / (high - low)) * bins))]++
  return counts
}

function axes(x: Scale, y: Scale, xLabel: string, yLabel: string): string {
  const bottom = HEIGHT - BOTTOM
  const rows = y.ticks.map(
    tick =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/><text class="tick" x="${LEFT - 6}" y="${y(tick) + 4}" text-anchor="end">${formatNumber(tick)}</text>`,
  )
  const columns = x.ticks.map(
    tick => `<text class="tick" x="${x(tick)}" y="${bottom + 16}" text-anchor="middle">${formatNumber(tick)}</text>`,
  )
  const labels =
    `<text class="tick" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${escapeHtml(xLabel)}</text>` +
    `<text class="tick" transform="translate(12 ${(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(yLabel)}</text>`
  return `${rows.join('')}${columns.join('')}<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom}" y2="${bottom}"/>${labels}`
}

const figure = (content: string, label: string) =>
  `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}">${content}</svg>`

const legend = (items: readonly { name: string; className: string }[]) =>
  items.length < 2
    ? ''
    : `<p class="legend">${items.map(item => `<span class="${item.className}">${escapeHtml(item.name)}</span>`).join('')}</p>`
