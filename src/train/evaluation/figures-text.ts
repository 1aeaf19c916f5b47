import type { ClassificationReport } from '../classification.ts'
import { formatNumber } from '../report/axis.ts'
import type { Evaluation } from './evaluation.ts'
import type { MachinesEvaluation } from './machines.ts'
import { formatInterval, formatSigned } from './words.ts'

/** Machines and bundles that are printed; --json has all. */
const LISTED = 20
const NAME = 16

/** Precision, recall and F1 of normal and anomalous, and their averages. */
export function classificationLines({ classification }: Evaluation): string[] {
  if (!classification) return []
  return ['classes            precision recall    F1        items', ...reportRows(classification)]
}

/** A line for each class and each average. */
export function reportRows({ classes, averages }: ClassificationReport): string[] {
  const row = (name: string, own: { precision: number; recall: number; f1: number }, support = '') =>
    `  ${fitted(name)} ${[own.precision, own.recall, own.f1].map(value => value.toFixed(4).padEnd(10)).join('')}${support}`.trimEnd()
  return [
    ...Object.entries(classes).map(([name, own]) => row(name, own, String(own.support))),
    ...Object.entries(averages).map(([name, own]) => row(`${name} average`, own)),
  ]
}

export function machineLines({ machines, mean_roc_auc, harmonic_mean, worst, without }: MachinesEvaluation): string[] {
  const rows = machines.slice(0, LISTED).map(own => {
    const figures =
      own.roc_auc === null
        ? 'needs normal and anomalous labels'
        : `${own.roc_auc.toFixed(4)} ${formatInterval(own.intervals!.roc_auc)}  partial ${own.partial_roc_auc!.toFixed(4)}`
    return `  ${fitted(own.machine)} ${figures}  (${own.normal} normal, ${own.anomalous} anomalous)`
  })
  const more = machines.length > LISTED ? [`  and ${machines.length - LISTED} more`] : []
  const rest = without ? [`  ${without} labelled items are of no known machine`] : []
  if (worst === null) return ['machines', ...rows, ...more, ...rest]
  const head = `mean ROC-AUC ${mean_roc_auc!.toFixed(4)}, worst ${worst}, harmonic mean with the partial one ${harmonic_mean!.toFixed(4)}`
  return [`machines           ${head}`, ...rows, ...more, ...rest]
}

export function comparisonLines({ compared, roc_auc }: Evaluation): string[] {
  return compared.map(({ name, bundle, difference, ...own }) => {
    if (own.roc_auc === null)
      return `compared           ${name} (${bundle}): threshold ${formatNumber(own.threshold.value)}`
    const figures = `ROC-AUC ${own.roc_auc.toFixed(4)}, partial ${own.partial_roc_auc!.toFixed(4)}, average precision ${own.average_precision!.toFixed(4)}`
    const { low, high } = difference?.roc_auc ?? { low: 0, high: 0 }
    const less = difference
      ? `; ROC-AUC ${formatSigned(own.roc_auc - roc_auc!)} (${formatSigned(low)} to ${formatSigned(high)})`
      : '; it scores other recordings, so there is no interval of the difference'
    const machines = own.machines?.worst
      ? `; worst machine ${own.machines.worst}, harmonic mean ${own.machines.harmonic_mean!.toFixed(4)}`
      : ''
    return `compared           ${name} (${bundle}): ${figures}${less}${machines}`
  })
}

export const fitted = (name: string): string => (name.length > NAME ? `${name.slice(0, NAME - 1)}…` : name.padEnd(NAME))
