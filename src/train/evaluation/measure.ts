import type { Label } from '../labels.ts'
import { averagePrecision, type Confusion, confusion, partialRocAuc, rocAuc } from '../metrics.ts'

/** How scores agree with labels. Null where one of the two is absent. */
export interface Measures {
  normal: number
  anomalous: number
  unlabelled: number
  roc_auc: number | null
  partial_roc_auc: number | null
  max_fpr: number
  average_precision: number | null
  confusion: Confusion | null
}

/** Labelled items as metrics take them. */
export function labelledOf<T extends { score: number; truth: Label | null }>(items: readonly T[]) {
  const labelled = items.filter(({ truth }) => truth !== null)
  return { labelled, truth: labelled.map(item => item.truth === -1), values: labelled.map(({ score }) => score) }
}

/** The recordings of items, which intervals draw as a whole. */
export const filesOf = (items: readonly { file: string }[]): string[] => items.map(({ file }) => file)

export function measure(
  items: readonly { score: number; truth: Label | null }[],
  threshold: number,
  maxFpr: number,
): Measures {
  const { truth, values } = labelledOf(items)
  const anomalous = truth.filter(Boolean).length
  const normal = truth.length - anomalous
  const both = normal > 0 && anomalous > 0
  return {
    normal,
    anomalous,
    unlabelled: items.length - truth.length,
    roc_auc: both ? rocAuc(truth, values) : null,
    partial_roc_auc: both ? partialRocAuc(truth, values, maxFpr) : null,
    max_fpr: maxFpr,
    average_precision: both ? averagePrecision(truth, values) : null,
    confusion: truth.length ? confusion(truth, values, threshold) : null,
  }
}
