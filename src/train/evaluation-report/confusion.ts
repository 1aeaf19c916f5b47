import type { ClassificationReport } from '../classification.ts'
import { escapeHtml, table } from '../report/html.ts'
import { note } from '../report/page.ts'

/** With more classes their names stand upright over the columns. */
const FLAT = 6

/** Precision, recall and F1 of each class, and their averages. */
export function classificationTable({ classes, averages, accuracy }: ClassificationReport): string {
  const row = (name: string, own: { precision: number; recall: number; f1: number }, support: string) => [
    name,
    own.precision.toFixed(4),
    own.recall.toFixed(4),
    own.f1.toFixed(4),
    support,
  ]
  const rows = [
    ...Object.entries(classes).map(([name, own]) => row(name, own, String(own.support))),
    ...Object.entries(averages).map(([name, own]) => row(`${name} average`, own, '')),
  ]
  return (
    `<div class="wide">${table(['', 'Precision', 'Recall', 'F1', 'Items'], rows)}</div>` +
    note(`Accuracy ${accuracy.toFixed(4)}.`)
  )
}

/** Counts and their part of the row, on a colour of it: blue where items are called what they are, else orange. */
export function confusionMatrix({ confusion: { labels, counts } }: ClassificationReport): string {
  const rows = counts.map((row, i) => {
    const total = row.reduce((sum, n) => sum + n, 0)
    const cells = row.map((n, k) => cell(n, total, { is: labels[i], called: labels[k] }))
    return `<tr><th scope="row">${escapeHtml(labels[i])}</th>${cells.join('')}</tr>`
  })
  const header = labels.map(label => `<th scope="col"><span>${escapeHtml(label)}</span></th>`).join('')
  const kind = labels.length > FLAT ? 'confusion upright' : 'confusion'
  return (
    `<div class="wide"><table class="${kind}"><thead><tr><td></td>${header}</tr></thead><tbody>${rows.join('')}</tbody></table></div>` +
    note('Confusion matrix: rows are what items are, columns what they are called; percent are of the row.')
  )
}

function cell(n: number, total: number, { is, called }: { is: string; called: string }): string {
  if (n === 0) return '<td class="none">0</td>'
  const percent = (100 * n) / total
  const shown = percent < 10 && !Number.isInteger(percent) ? percent.toFixed(1) : percent.toFixed(0)
  const title = escapeHtml(`${is} called ${called}: ${n} of ${total}`)
  return `<td class="${is === called ? 'right' : 'wrong'}" style="--part:${percent.toFixed(0)}%" title="${title}">${n}<small>${shown} %</small></td>`
}
