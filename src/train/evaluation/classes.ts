import { type ClassificationReport, classificationReport } from '../classification.ts'
import type { Label } from '../labels.ts'
import { rocAuc } from '../metrics.ts'

/** What became of the items of one class. */
export interface ClassDecisions {
  class: string
  items: number
  flagged: number
  mean_score: number
  /** How this class ranks above the normal items; null for what is not labelled anomalous, and without normal items. */
  roc_auc: number | null
}

interface Decided {
  readonly score: number
  readonly label: Label
  readonly truth: Label | null
  readonly class: string | null
}

const WORDS = { '1': 'normal', '-1': 'anomalous' } as const

/** Normal and anomalous as two classes, told apart by the threshold. @returns null without labels */
export function classifyItems(items: readonly Decided[]): ClassificationReport | null {
  const labelled = items.filter(({ truth }) => truth !== null)
  if (labelled.length === 0) return null
  const truth = labelled.map(item => WORDS[item.truth!])
  return classificationReport(
    truth,
    labelled.map(({ label }) => WORDS[label]),
    ['normal', 'anomalous'],
  )
}

/** Each class in the order of its name. */
export function decisionsByClass(items: readonly Decided[]): ClassDecisions[] {
  const names = [...new Set(items.flatMap(item => item.class ?? []))]
  const normal = items.filter(({ truth }) => truth === 1)
  return names
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map(name => {
      const own = items.filter(item => item.class === name)
      const anomalous = own.filter(({ truth }) => truth === -1)
      const ranked = [...normal, ...anomalous]
      const truth = ranked.map(item => item.truth === -1)
      return {
        class: name,
        items: own.length,
        flagged: own.filter(({ label }) => label === -1).length,
        mean_score: own.reduce((sum, { score }) => sum + score, 0) / own.length,
        roc_auc:
          normal.length && anomalous.length
            ? rocAuc(
                truth,
                ranked.map(({ score }) => score),
              )
            : null,
      }
    })
}
