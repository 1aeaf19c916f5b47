import type { EpochRecord } from '../checkpoint.ts'
import { formatShare } from '../evaluation/precision-rows.ts'
import { EVALUATION_STYLE } from '../evaluation-report/style.ts'
import type { Bootstrap } from '../retrain.ts'
import type { PrecisionStudy } from '../study-precisions.ts'
import { renderBootstrap } from './bootstrap.ts'
import { type Example, renderExample, type View } from './example.ts'
import { escapeHtml, table } from './html.ts'
import { type LatentsView, renderLatents } from './latents.ts'
import { figures, note, page, section } from './page.ts'
import { histogram, lineChart, type Mark } from './plot.ts'

export interface ReportData {
  /** Training report, where it says nothing else. */
  title?: string
  name: string
  created: string
  /** Label and value of the figures at the top. */
  summary: readonly (readonly [string, string])[]
  /** Empty where the model was trained elsewhere. */
  history: readonly EpochRecord[]
  bestEpoch: number
  /** Undefined where nothing was retrained. */
  bootstrap?: Bootstrap
  /** Scores of held-out windows, one group, or normal and anomalous where labels are known. */
  scores: readonly { name: string; values: ArrayLike<number> }[]
  thresholds: readonly Mark[]
  /** Undefined where nothing is known of latents. */
  latents?: LatentsView
  view: View
  examples: readonly Example[]
  /** Whether these stand beside the mean of the training items, for want of a decoder. */
  expectsMean?: boolean
  /** What reduced precisions make of scores; undefined where that was not measured. */
  precision?: PrecisionStudy
  warnings: readonly string[]
  dropped: readonly { path: string; reason: string }[]
}

/** One HTML file that needs nothing else: no scripts, no external resources. */
export function renderReport(data: ReportData): string {
  const sections = [
    figures(data.summary),
    data.warnings.length
      ? section('Warnings', data.warnings.map(text => `<p class="warning">${escapeHtml(text)}</p>`).join(''))
      : '',
    data.history.length
      ? section('Loss', lossCharts(data.history) + note(`The weights are those of epoch ${data.bestEpoch}.`))
      : '',
    data.bootstrap ? section('Bootstrap', renderBootstrap(data.bootstrap)) : '',
    section('Scores of held-out windows', scoreChart(data)),
    data.latents ? section('Latents', renderLatents(data.latents)) : '',
    section(
      data.expectsMean ? 'Originals beside the mean' : 'Originals beside reconstructions',
      examplesNote(data) + data.examples.map(example => renderExample(example, data.view)).join(''),
    ),
    data.precision ? section('Precision', precisionTable(data.precision)) : '',
    data.dropped.length
      ? section(
          `Files left out (${data.dropped.length})`,
          table(
            ['File', 'Reason'],
            data.dropped.map(d => [d.path, d.reason]),
          ),
        )
      : '',
  ]
  return page(data.name, `${data.title ?? 'Training report'}, ${data.created}`, sections, EVALUATION_STYLE)
}

/** A chart for each phase: their losses are not of one kind. */
function lossCharts(history: readonly EpochRecord[]): string {
  const phases = [...new Set(history.map(({ phase }) => phase))]
  const charts = phases.map(phase => lossChart(history.filter(record => record.phase === phase)))
  return charts.map((chart, i) => (phases[i] === undefined ? '' : note(`Phase: ${phases[i]}.`)) + chart).join('')
}

function lossChart(history: readonly EpochRecord[]): string {
  const validated = history.filter(record => record.validation_loss !== null)
  const series = [
    { name: 'training', className: 'c1', x: history.map(r => r.epoch), y: history.map(r => r.loss) },
    { name: 'validation', className: 'c2', x: validated.map(r => r.epoch), y: validated.map(r => r.validation_loss!) },
  ]
  return lineChart(
    series.filter(s => s.y.length > 0),
    'epoch',
    'loss',
  )
}

function scoreChart({ scores, thresholds }: ReportData): string {
  const groups = scores.map((group, i) => ({ ...group, className: i === 0 ? 'c1' : 'c2' }))
  return histogram(groups, thresholds, 'score')
}

function precisionTable({ differences, ranges }: PrecisionStudy): string {
  const rows = differences.map(({ precision, median, largest, unavailable }) => [
    precision,
    median === null ? '–' : formatShare(median),
    largest === null ? (unavailable ?? '–') : formatShare(largest),
  ])
  const words = `How far the scores of ${ranges.windows} held-out windows are from those in fp32. \`auscult evaluate --precision all\` also says what a precision costs in AUC and gains in speed.`
  return table(['Precision', 'Median difference', 'Largest difference'], rows) + note(words)
}

const examplesNote = ({ examples, expectsMean }: ReportData) =>
  note(
    examples.length
      ? `Held-out windows with a low, a middle and the highest score. ${expectsMean ? 'This family reconstructs nothing: what it expects is the mean of the training items, and the residual is original minus mean.' : 'The residual is original minus reconstruction.'}`
      : 'No held-out windows.',
  )
