import type { OperatingCurve } from '../metrics.ts'
import { axisOf, formatNumber, linearScale } from '../report/axis.ts'
import { legend, polyline } from '../report/plot.ts'
import { drawing, gridLines, plotArea, SIDE } from '../report/plot-area.ts'

/** The curve of a bundle in its colour, a CSS class of style.ts. */
export interface NamedCurve {
  readonly name: string
  readonly className: string
  readonly curve: Pick<OperatingCurve, 'fpr' | 'tpr' | 'precision'>
}

const UNIT = linearScale(0, 1, 0, 1)

/** ROC curves with the diagonal of chance, and the largest false positive rate of the partial area. */
export function rocChart(curves: readonly NamedCurve[], maxFpr: number): string {
  const axes = { x: axisOf('false positive rate', UNIT), y: axisOf('true positive rate', UNIT) }
  const lines = curves.map(({ className, curve: { fpr, tpr } }) => cornered(className, fpr, tpr))
  const at = (SIDE * maxFpr).toFixed(1)
  const marks =
    `<line class="diagonal" x1="0" y1="${SIDE}" x2="${SIDE}" y2="0"/>` +
    `<line class="mark m1" x1="${at}" x2="${at}" y1="0" y2="${SIDE}"/>`
  const content = drawing(gridLines(axes.y) + marks + lines.join(''))
  const key = { name: `largest false positive rate: ${formatNumber(maxFpr)}`, className: 'mark-key m1' }
  const plot = plotArea({ ...axes, content, label: 'ROC curve', className: 'square' })
  return `<div class="roc">${plot}${legend([...several(curves), key], 1)}</div>`
}

/** Precision–recall curves in steps, as average precision adds them up, with the precision of chance. */
export function precisionRecallChart(curves: readonly NamedCurve[], chance: number): string {
  const axes = { x: axisOf('recall', UNIT), y: axisOf('precision', UNIT) }
  const lines = curves.map(({ className, curve: { tpr, precision } }) => {
    const steps = [...tpr.keys()].slice(1).filter(i => tpr[i] > tpr[i - 1])
    return cornered(
      className,
      steps.flatMap(i => [tpr[i - 1], tpr[i]]),
      steps.flatMap(i => [precision[i], precision[i]]),
    )
  })
  const y = (SIDE * (1 - chance)).toFixed(1)
  const line = `<line class="diagonal" x1="0" y1="${y}" x2="${SIDE}" y2="${y}"/>`
  const content = drawing(gridLines(axes.y) + line + lines.join(''))
  const plot = plotArea({ ...axes, content, label: 'Precision–recall curve', className: 'square' })
  const key = { name: `chance: ${formatNumber(chance)}`, className: 'g0' }
  return `<div class="roc">${plot}${legend([...several(curves), key], 1)}</div>`
}

/** One curve needs no name. */
const several = (curves: readonly NamedCurve[]) => (curves.length > 1 ? curves : [])

/** Without the points between two others of the same line. */
function cornered(className: string, x: readonly number[], y: readonly number[]): string {
  const corners = [...x.keys()].filter(i => !isOnTheWay(x, y, i))
  return polyline(
    className,
    corners.map(i => x[i]),
    corners.map(i => y[i]),
  )
}

/** Between two points of the same line, to the right or upwards. */
const isOnTheWay = (x: readonly number[], y: readonly number[], i: number): boolean =>
  i > 0 && i + 1 < x.length && ((x[i - 1] === x[i] && x[i] === x[i + 1]) || (y[i - 1] === y[i] && y[i] === y[i + 1]))
