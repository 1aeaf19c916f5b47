import type { Interval } from '../bootstrap-measures.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import type { Figures } from '../evaluation/figures.ts'
import { formatInterval, formatSigned } from '../evaluation/words.ts'
import { formatNumber } from '../report/axis.ts'
import { escapeHtml, table } from '../report/html.ts'
import { note, section } from '../report/page.ts'
import { bundlesOf } from './bundles.ts'
import { classificationTable, confusionMatrix } from './confusion.ts'
import { type NamedCurve, precisionRecallChart, rocChart } from './roc.ts'

/** The ROC and the precision–recall curve of each bundle. */
export function curveSection(evaluation: Evaluation): string {
  const ranked = bundlesOf(evaluation)
    .map((own, i) => ({ ...own, className: `g${(i % 10) + 1}` }))
    .filter(({ curve }) => curve)
  if (ranked.length === 0) return ''
  const curves = ranked.map(({ name, className, curve }): NamedCurve => ({ name, className, curve: curve! }))
  const [{ normal, anomalous }] = ranked
  const chance = anomalous / (normal + anomalous)
  const pair = [
    `<div><h3>ROC</h3>${rocChart(curves, evaluation.max_fpr)}</div>`,
    `<div><h3>Precision–recall</h3>${precisionRecallChart(curves, chance)}</div>`,
  ]
  return section('Curves', `<div class="pair">${pair.join('')}</div>`)
}

/** Bundles side by side: their figures, and what each has more than the first. */
export function comparisonSection(evaluation: Evaluation): string {
  if (evaluation.compared.length === 0) return ''
  const all = bundlesOf(evaluation)
  const [first] = all
  const rows = all.map(own => [
    own.name,
    value(own.roc_auc, own.intervals?.roc_auc),
    value(own.partial_roc_auc, own.intervals?.partial_roc_auc),
    value(own.average_precision, own.intervals?.average_precision),
    own.classification ? own.classification.averages.macro.f1.toFixed(4) : '–',
    formatNumber(own.threshold.value),
    String(own.recordings),
  ])
  const header = ['Bundle', 'ROC-AUC', 'Partial ROC-AUC', 'Average precision', 'Macro F1', 'Threshold', 'Recordings']
  const differences = evaluation.compared.map(({ difference, ...own }, i) => {
    const cell = (name: 'roc_auc' | 'partial_roc_auc' | 'average_precision') => {
      const [mine, theirs] = [own[name], first[name]]
      if (mine === null || theirs === null || !difference) return '–'
      return `${formatSigned(mine - theirs)} (${formatSigned(difference[name].low)} to ${formatSigned(difference[name].high)})`
    }
    return [all[i + 1].name, cell('roc_auc'), cell('partial_roc_auc'), cell('average_precision')]
  })
  return section(
    'Bundles side by side',
    table(header, rows) +
      `<h3>Less those of ${escapeHtml(first.name)}</h3>` +
      table(['Bundle', 'ROC-AUC', 'Partial ROC-AUC', 'Average precision'], differences) +
      note(
        'Differences are drawn on the same recordings for both: an interval on one side of 0 tells two bundles apart.',
      ),
  )
}

/** Each machine of each bundle, the worst one marked. */
export function machineSection(evaluation: Evaluation): string {
  const all = bundlesOf(evaluation).filter(({ machines }) => machines)
  if (all.length === 0) return ''
  const tables = all.map(({ name, machines }) => {
    const rows = machines!.machines.map(own => [
      own.machine + (own.machine === machines!.worst && machines!.machines.length > 1 ? ' (worst)' : ''),
      String(own.normal),
      String(own.anomalous),
      value(own.roc_auc, own.intervals?.roc_auc),
      value(own.partial_roc_auc, own.intervals?.partial_roc_auc),
      value(own.average_precision, own.intervals?.average_precision),
    ])
    const header = ['Machine', 'Normal', 'Anomalous', 'ROC-AUC', 'Partial ROC-AUC', 'Average precision']
    const means = machines!.harmonic_mean === null ? '' : note(describeMeans(machines!))
    return (all.length > 1 ? `<h3>${escapeHtml(name)}</h3>` : '') + table(header, rows) + means
  })
  return section('Machines', tables.join(''))
}

const describeMeans = ({
  mean_roc_auc,
  mean_partial_roc_auc,
  harmonic_mean,
}: NonNullable<Figures['machines']>): string =>
  `Mean ROC-AUC ${mean_roc_auc!.toFixed(4)}, mean partial ROC-AUC ${mean_partial_roc_auc!.toFixed(4)}; harmonic mean of both over ` +
  `the machines (DCASE) ${harmonic_mean!.toFixed(4)}.`

/** What the threshold makes of normal and anomalous items, and of each class. */
export function classSection({ classification, classes }: Evaluation): string {
  const parts: string[] = []
  if (classification)
    parts.push(
      `<div class="pair"><div>${classificationTable(classification)}</div><div>${confusionMatrix(classification)}</div></div>`,
    )
  if (classes.length > 0) {
    const rows = classes.map(own => [
      own.class,
      String(own.items),
      String(own.flagged),
      formatNumber(own.mean_score),
      own.roc_auc === null ? '–' : own.roc_auc.toFixed(4),
    ])
    parts.push(`<h3>By class</h3>${table(['Class', 'Items', 'Flagged', 'Mean score', 'ROC-AUC against normal'], rows)}`)
  }
  return parts.length ? section('At the threshold', parts.join('')) : ''
}

const value = (figure: number | null, interval: Interval | undefined): string =>
  figure === null ? '–' : figure.toFixed(4) + (interval ? ` ${formatInterval(interval)}` : '')
