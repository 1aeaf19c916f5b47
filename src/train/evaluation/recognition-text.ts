import type { ClassificationReport } from '../classification.ts'
import { counted } from '../counted.ts'
import type { Evaluation } from './evaluation.ts'
import { fitted, reportRows } from './figures-text.ts'
import type { Recognition } from './recognition.ts'
import { describeCounts } from './words.ts'

/** More make a table that no terminal holds: then the most frequent confusions are listed. */
const MOST_COLUMNS = 12
const COLUMN = 7
const LISTED = 10

/** Precision, recall and F1 of each class, their averages and what was taken for what, of each bundle that tells classes apart. */
export function recognitionLines(evaluation: Evaluation): string[] {
  const { compared } = evaluation
  return [evaluation, ...compared].flatMap(({ recognition, name, bundle }) => {
    if (!recognition) return []
    const of = compared.length > 0 ? `${name} (${bundle}): ` : ''
    return [...reportLines(recognition, of), ...remarks(recognition).map(text => `  ${text}`)]
  })
}

function reportLines({ report, called }: Recognition, of: string): string[] {
  if (!report) return [`recognition        ${of}called ${describeCounts(called, LISTED)}`]
  const items = report.confusion.counts.flat().reduce((sum, n) => sum + n, 0)
  return [
    `recognition        ${of}${(100 * report.accuracy).toFixed(1)} % of ${counted(items, 'item')}`,
    '  class            precision recall    F1        items',
    ...reportRows(report),
    ...confusionLines(report.confusion),
  ]
}

/** What the label file has that the model cannot be judged by. */
export function remarks({ report, classes, unknown, without_class: without }: Recognition): string[] {
  const known = describeNames(classes)
  const others = Object.keys(unknown).length > 0
  return [
    ...(others ? [`not judged, of classes that the model does not know: ${describeCounts(unknown, LISTED)}`] : []),
    ...(without > 0 && report ? [`not judged, without a class in the label file: ${without}`] : []),
    ...(report ? [] : [`to be judged, give --labels a column class with the classes of the model: ${known}`]),
  ]
}

function confusionLines({ labels, counts }: ClassificationReport['confusion']): string[] {
  if (labels.length <= MOST_COLUMNS) {
    const cells = (row: readonly (string | number)[]) =>
      row
        .map(
          cell =>
            ` ${String(cell)
              .slice(0, COLUMN - 1)
              .padStart(COLUMN - 1)}`,
        )
        .join('')
    return [
      `  ${fitted('is \\ was called')}${cells(labels)}`,
      ...counts.map((row, i) => `  ${fitted(labels[i])}${cells(row)}`),
    ]
  }
  const confused = counts
    .flatMap((row, i) => row.map((n, k) => ({ n, text: `${labels[i]} called ${labels[k]} ${n}`, isRight: i === k })))
    .filter(({ n, isRight }) => n > 0 && !isRight)
    .sort((a, b) => b.n - a.n)
  if (confused.length === 0) return []
  const rest = confused.length > LISTED ? ` and ${confused.length - LISTED} more` : ''
  const shown = confused.slice(0, LISTED).map(({ text }) => text)
  return [`  most confused    ${shown.join(', ')}${rest}`]
}

const describeNames = (names: readonly string[]): string =>
  names.slice(0, LISTED).join(', ') + (names.length > LISTED ? ` and ${names.length - LISTED} more` : '')
