import { type GroupedHistogram, positionOf } from '../evaluation/histogram.ts'
import { axisOf, formatNumber, linearScale, logScale } from '../report/axis.ts'
import { escapeHtml } from '../report/html.ts'
import { note } from '../report/page.ts'
import { legend } from '../report/plot.ts'
import { drawing, SIDE } from '../report/plot-area.ts'
import type { Group } from './groups.ts'

/** A histogram for each group, one above the other over the same scores, with the threshold across. */
export function strips(histogram: GroupedHistogram, groups: readonly Group[], threshold: number): string {
  const { edges, counts, scale } = histogram
  if (edges.length === 0) return ''
  const [low, high] = [edges[0], edges[edges.length - 1]]
  const at = positionOf(histogram, threshold)
  const isShown = at >= 0 && at <= 1
  const x = (SIDE * at).toFixed(1)
  const mark = isShown ? `<line class="mark m1" x1="${x}" x2="${x}" y1="0" y2="${SIDE}"/>` : ''
  const rows = groups.map(({ name, className }) => {
    const own = counts[name]
    const bars = barsOf(own, className)
    const total = own.reduce((sum, n) => sum + n, 0)
    const label = `Histogram of the scores of ${name}: ${total} items`
    return (
      `<div class="strip" role="img" aria-label="${escapeHtml(label)}"><b class="${className}">${escapeHtml(name)}</b>` +
      `<div class="area">${drawing(bars + mark)}</div><span class="n">${total}</span></div>`
    )
  })
  const axis = axisOf('score', scale === 'log' ? logScale(low, high, 0, 1) : linearScale(low, high, 0, 1))
  const ticks = axis.ticks.map(
    ({ at, text }) => `<span style="left:${(100 * at).toFixed(2)}%">${escapeHtml(text)}</span>`,
  )
  const foot = `<div class="strip"><div class="x-ticks">${ticks.join('')}</div></div><div class="strip"><div class="x-label">score</div></div>`
  const where = isShown ? '' : at < 0 ? ' (below all of them)' : ' (above all of them)'
  const key = { name: `threshold: ${formatNumber(threshold)}${where}`, className: 'mark-key m1' }
  const scaled = scale === 'log' ? ' The scale is logarithmic.' : ''
  return (
    rows.join('') +
    foot +
    legend([key], 1) +
    note(`Each row is as high as its own fullest bin; items at the right.${scaled}`)
  )
}

function barsOf(counts: readonly number[], className: string): string {
  const most = Math.max(...counts)
  const width = SIDE / counts.length
  return counts
    .map((n, i) => {
      const height = most > 0 ? (0.96 * SIDE * n) / most : 0
      const place = `x="${(i * width + 1).toFixed(1)}" y="${(SIDE - height).toFixed(1)}"`
      const size = `width="${(width - 2).toFixed(1)}" height="${height.toFixed(1)}"`
      return n > 0 ? `<rect class="bar ${className}" ${place} ${size}/>` : ''
    })
    .join('')
}
