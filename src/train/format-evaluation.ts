import { counted } from './counted.ts'
import type { Evaluation } from './evaluation/evaluation.ts'
import { classificationLines, comparisonLines, machineLines } from './evaluation/figures-text.ts'
import { recognitionLines } from './evaluation/recognition-text.ts'
import { clusterLines, fractionLines, histogramLines, precisionLines } from './evaluation/text.ts'
import { describePolicy, formatInterval } from './evaluation/words.ts'
import { formatPassedOver } from './list-recordings.ts'
import { formatNumber } from './report/axis.ts'

const LISTED = 10

/** What `auscult evaluate` prints: metrics, the confusion at the threshold, and each flagged recording or window. */
export function formatEvaluation(evaluation: Evaluation): string {
  const { name, per, unit, threshold, recordings, windows, flagged, left_out, passed_over } = evaluation
  const { histograms, clusters, fraction } = evaluation
  const over = per === 'file' ? `${evaluation.aggregate} over each recording's windows` : 'each window'
  return [
    `model              ${name}`,
    `scored             ${counted(recordings, 'recording')}, ${counted(windows, 'window')} (${over})`,
    `labels             ${evaluation.normal} normal, ${evaluation.anomalous} anomalous, ${evaluation.unlabelled} without`,
    ...detectorLines(evaluation.detector),
    `threshold          ${formatNumber(threshold.value)} (${describePolicy(evaluation)})`,
    ...metricLines(evaluation),
    ...classificationLines(evaluation),
    ...recognitionLines(evaluation),
    ...(evaluation.machines ? machineLines(evaluation.machines) : []),
    ...comparisonLines(evaluation),
    ...histogramLines('scores by class', histograms.class, threshold.value),
    ...(clusters ? clusterLines(clusters) : []),
    ...(histograms.cluster ? histogramLines('scores by cluster', histograms.cluster, threshold.value) : []),
    ...(fraction ? fractionLines(fraction) : []),
    ...(evaluation.precisions ? ['precision', ...precisionLines(evaluation.precisions)] : []),
    ...(left_out.length ? [`left out           ${left_out.length}`] : []),
    ...left_out.slice(0, LISTED).map(({ path, reason }) => `  ${path}: ${reason}`),
    ...(Object.keys(passed_over).length ? [`passed over        ${formatPassedOver(passed_over)}`] : []),
    '',
    flagged.length ? `flagged (label -1), highest score first: ${flagged.length}` : 'nothing flagged',
    ...flagged.map(({ file, at, score, truth, predicted }) => {
      const place = at === null ? '' : unit === 'frame' ? ` frame ${at}` : ` at ${Number(at.toFixed(3))} s`
      const known = truth === null ? '' : truth === -1 ? '  (anomalous)' : '  (normal: false alarm)'
      const called = predicted === null ? '' : `  called ${predicted}`
      return `  -1  ${formatNumber(score).padEnd(10)} ${file}${place}${known}${called}`
    }),
  ].join('\n')
}

const detectorLines = (detector: Evaluation['detector']): string[] =>
  detector ? [`score              ${detector.type} on ${detector.on}; ${detector.kept}`] : []

function metricLines(evaluation: Evaluation): string[] {
  const { roc_auc, partial_roc_auc, max_fpr, average_precision, confusion, intervals } = evaluation
  const lines: string[] = []
  const within = (name: 'roc_auc' | 'partial_roc_auc' | 'average_precision', before = '') =>
    intervals ? `  (${before}95 % ${formatInterval(intervals[name]).slice(1)}` : ''
  if (roc_auc !== null) lines.push(`ROC-AUC            ${roc_auc.toFixed(4)}${within('roc_auc')}`)
  if (partial_roc_auc !== null)
    lines.push(`partial ROC-AUC    ${partial_roc_auc.toFixed(4)}${within('partial_roc_auc', `FPR up to ${max_fpr}; `)}`)
  if (average_precision !== null)
    lines.push(`average precision  ${average_precision.toFixed(4)}${within('average_precision')}`)
  if (roc_auc === null) lines.push('ROC-AUC            needs normal and anomalous labels')
  if (confusion) {
    const { true_positive, false_positive, true_negative, false_negative } = confusion
    lines.push(
      `at the threshold   ${true_positive} anomalous found, ${false_negative} missed; ${true_negative} normal passed, ${false_positive} flagged`,
    )
  }
  return lines
}
