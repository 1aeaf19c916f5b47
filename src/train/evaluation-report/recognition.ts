import type { Evaluation } from '../evaluation/evaluation.ts'
import { remarks } from '../evaluation/recognition-text.ts'
import { escapeHtml, table } from '../report/html.ts'
import { note, section } from '../report/page.ts'
import { bundlesOf } from './bundles.ts'
import { classificationTable, confusionMatrix } from './confusion.ts'

/** What models that tell classes apart took items for. */
export function recognitionSection(evaluation: Evaluation): string {
  const all = bundlesOf(evaluation).filter(({ recognition }) => recognition)
  if (all.length === 0) return ''
  const parts = all.map(({ name, recognition }) => {
    const { report, called } = recognition!
    const judged = report
      ? classificationTable(report) + confusionMatrix(report)
      : table(
          ['Called', 'Items'],
          Object.entries(called).map(([word, n]) => [word, String(n)]),
        )
    const title = all.length > 1 ? `<h3>${escapeHtml(name)}</h3>` : ''
    return (
      title +
      judged +
      remarks(recognition!)
        .map(text => note(`${capital(text)}.`))
        .join('')
    )
  })
  return section('Recognition of classes', parts.join(''))
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
