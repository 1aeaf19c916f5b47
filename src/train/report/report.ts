import type { EpochRecord } from '../checkpoint.ts'
import { formatNumber } from './axis.ts'
import { heatmapUri } from './heatmap.ts'
import { escapeHtml, STYLE, table } from './html.ts'
import { histogram, lineChart, type Mark, waveform } from './plot.ts'

/** How a window's features are drawn: one line, or an image whose rows are the first axis. */
export type View = { kind: 'wave' } | { kind: 'image'; rows: number; columns: number; transpose: boolean }

/** A held-out window beside what the network made of it; both in un-normalised feature units. */
export interface Example {
  title: string
  score: number
  original: Float32Array
  reconstruction: Float32Array
}

export interface ReportData {
  name: string
  created: string
  /** Label and value of the figures at the top. */
  summary: readonly (readonly [string, string])[]
  history: readonly EpochRecord[]
  bestEpoch: number
  /** Scores of held-out windows, one group, or normal and anomalous where labels are known. */
  scores: readonly { name: string; values: ArrayLike<number> }[]
  thresholds: readonly Mark[]
  view: View
  examples: readonly Example[]
  warnings: readonly string[]
  dropped: readonly { path: string; reason: string }[]
}

/** One HTML file that needs nothing else: no scripts, no external resources. */
export function renderReport(data: ReportData): string {
  const sections = [
    section(
      '',
      `<dl>${data.summary.map(([key, value]) => `<div><dt>${escapeHtml(key)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>`,
    ),
    data.warnings.length
      ? section('Warnings', data.warnings.map(text => `<p class="warning">${escapeHtml(text)}</p>`).join(''))
      : '',
    section('Loss', lossChart(data.history) + note(`The weights are those of epoch ${data.bestEpoch}.`)),
    section('Scores of held-out windows', scoreChart(data)),
    section(
      'Originals beside reconstructions',
      examplesNote(data) + data.examples.map(example => renderExample(example, data.view)).join(''),
    ),
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
  const title = escapeHtml(data.name)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – training report</title><style>${STYLE}</style></head>
<body><main><header><h1>${title}</h1><p>Training report, ${escapeHtml(data.created)}</p></header>
${sections.join('\n')}
</main></body></html>
`
}

const section = (title: string, content: string) =>
  `<section>${title ? `<h2>${escapeHtml(title)}</h2>` : ''}${content}</section>`

const note = (text: string) => `<p class="note">${escapeHtml(text)}</p>`

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

const examplesNote = ({ examples }: ReportData) =>
  note(
    examples.length
      ? 'Held-out windows with a low, a middle and the highest score. The residual is original minus reconstruction.'
      : 'No held-out windows.',
  )

function renderExample(example: Example, view: View): string {
  const { original, reconstruction } = example
  const residual = original.map((value, i) => value - reconstruction[i])
  const [low, high] = range([original, reconstruction])
  const pictures =
    view.kind === 'wave'
      ? [
          picture(waveform([{ className: 'c1', values: original }], low, high), 'original'),
          picture(waveform([{ className: 'c2', values: reconstruction }], low, high), 'reconstruction'),
          picture(waveform([{ className: 'c3', values: residual }], low, high), 'residual'),
        ]
      : imagePictures(view, { original, reconstruction, residual }, low, high)
  return `<div class="example"><h3>${escapeHtml(example.title)} · score ${formatNumber(example.score)}</h3><div class="pictures">${pictures.join('')}</div></div>`
}

function imagePictures(
  view: Extract<View, { kind: 'image' }>,
  values: Record<'original' | 'reconstruction' | 'residual', Float32Array>,
  low: number,
  high: number,
): string[] {
  const most = Math.max(...range([values.residual]).map(Math.abs))
  return Object.entries(values).map(([name, data]) => {
    const isResidual = name === 'residual'
    const scale = isResidual ? { low: -most, high: most, colours: 'diverging' as const } : { low, high }
    const { rows, columns } = view
    const image = view.transpose
      ? { values: transposed(data, rows, columns), rows: columns, columns: rows, upwards: true }
      : { values: data, rows, columns }
    const square = view.transpose ? '' : ' class="square"'
    const caption = isResidual
      ? `residual, ±${formatNumber(most)}`
      : `${name}, ${formatNumber(low)} to ${formatNumber(high)}`
    return picture(`<img${square} alt="${name}" src="${heatmapUri({ ...image, ...scale })}">`, caption)
  })
}

const picture = (content: string, caption: string) =>
  `<figure>${content}<figcaption>${escapeHtml(caption)}</figcaption></figure>`

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
