import type { RocCurve } from '../metrics.ts'
import { axisOf, formatNumber, linearScale } from '../report/axis.ts'
import { legend, polyline } from '../report/plot.ts'
import { drawing, gridLines, plotArea, SIDE } from '../report/plot-area.ts'

/** The ROC curve with the diagonal of chance, and the largest false positive rate of the partial area. */
export function rocChart({ fpr, tpr }: RocCurve, maxFpr: number): string {
  const scale = linearScale(0, 1, 0, 1)
  const axes = { x: axisOf('false positive rate', scale), y: axisOf('true positive rate', scale) }
  const corners = [...fpr.keys()].filter(i => !isOnTheWay(fpr, tpr, i))
  const curve = polyline(
    'g1',
    corners.map(i => fpr[i]),
    corners.map(i => tpr[i]),
  )
  const at = (SIDE * maxFpr).toFixed(1)
  const lines =
    `<line class="diagonal" x1="0" y1="${SIDE}" x2="${SIDE}" y2="0"/>` +
    `<line class="mark m1" x1="${at}" x2="${at}" y1="0" y2="${SIDE}"/>`
  const content = drawing(gridLines(axes.y) + lines + curve)
  const key = { name: `largest false positive rate: ${formatNumber(maxFpr)}`, className: 'mark-key m1' }
  return `<div class="roc">${plotArea({ ...axes, content, label: 'ROC curve', className: 'square' })}${legend([key], 1)}</div>`
}

/** Between two points of the same line, to the right or upwards. */
const isOnTheWay = (x: readonly number[], y: readonly number[], i: number): boolean =>
  i > 0 && i + 1 < x.length && ((x[i - 1] === x[i] && x[i] === x[i + 1]) || (y[i - 1] === y[i] && y[i] === y[i + 1]))
