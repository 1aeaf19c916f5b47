import type { Evaluation, Scored } from '../evaluation/evaluation.ts'
import { PRECISION_HEADER, precisionRows } from '../evaluation/precision-rows.ts'
import { describeAgreement, describeCounts, describePolicy } from '../evaluation/words.ts'
import type { RocCurve } from '../metrics.ts'
import { formatNumber } from '../report/axis.ts'
import { table } from '../report/html.ts'
import { figures, note, page, section } from '../report/page.ts'
import { groupsOf } from './groups.ts'
import { intervals } from './intervals.ts'
import { rocChart } from './roc.ts'
import { type ScatterMap, scatter } from './scatter.ts'
import { strips } from './strips.ts'
import { EVALUATION_STYLE } from './style.ts'

export interface EvaluationReport {
  evaluation: Evaluation
  created: string
  /** Null where one of both labels is absent. */
  roc: RocCurve | null
  /** None with fewer than three items. */
  maps: readonly NamedMap[]
}

/** Of the items at `shown`. */
export interface NamedMap extends ScatterMap {
  name: string
  shown: readonly number[]
}

const LISTED = 50

/** One HTML file that needs nothing else. */
export function renderEvaluation(report: EvaluationReport): string {
  const { evaluation, created, roc } = report
  const sections = [
    figures(summary(evaluation)),
    section('Scores', scores(evaluation)),
    roc ? section('ROC curve', rocChart(roc, evaluation.max_fpr)) : '',
    mapSection(report),
    clusterSection(evaluation),
    evaluation.fraction ? section('Anomalous share of unlabelled items', intervals(evaluation.fraction)) : '',
    precisions(evaluation),
    flagged(evaluation),
    leftOut(evaluation),
  ]
  const subtitle = `Evaluation report, ${created}`
  return page(
    evaluation.name,
    subtitle,
    sections.filter(text => text !== ''),
    EVALUATION_STYLE,
  )
}

function summary(evaluation: Evaluation): [string, string][] {
  const { per, aggregate, roc_auc, partial_roc_auc, average_precision, max_fpr, threshold, confusion } = evaluation
  const metric = (name: string, value: number | null): [string, string][] =>
    value === null ? [] : [[name, value.toFixed(4)]]
  const part = (name: string, n: number | undefined, all: number): [string, string][] =>
    n === undefined || all === 0 ? [] : [[name, `${n} of ${all}`]]
  return [
    ['Recordings', String(evaluation.recordings)],
    ['Windows', String(evaluation.windows)],
    ['Items', per === 'window' ? 'each window' : `recordings, ${aggregate} of windows`],
    ['Labels', `${evaluation.normal} normal, ${evaluation.anomalous} anomalous, ${evaluation.unlabelled} without`],
    ['Threshold', `${formatNumber(threshold.value)} (${describePolicy(evaluation)})`],
    ...metric('ROC-AUC', roc_auc),
    ...metric(`Partial ROC-AUC (FPR ≤ ${max_fpr})`, partial_roc_auc),
    ...metric('Average precision', average_precision),
    ...part('Anomalous found', confusion?.true_positive, evaluation.anomalous),
    ...part('Normal flagged', confusion?.false_positive, evaluation.normal),
  ]
}

function scores({ histograms, threshold }: Evaluation): string {
  const groups = groupsOf(Object.keys(histograms.class.counts))
  const byClass = strips(histograms.class, groups, threshold.value)
  if (!histograms.cluster) return byClass
  const clusters = groupsOf(Object.keys(histograms.cluster.counts))
  return `<h3>By class</h3>${byClass}<h3>By cluster</h3>${strips(histograms.cluster, clusters, threshold.value)}`
}

function mapSection({ evaluation, maps }: EvaluationReport): string {
  return maps.length ? section('Map of latents', maps.map(map => drawMap(map, evaluation)).join('')) : ''
}

function drawMap(map: NamedMap, { scores, clusters }: Evaluation): string {
  const wordOf = ({ class: word }: Scored) => word ?? 'no class'
  const classes = map.shown.map(i => wordOf(scores[i]))
  const byClass = scatter(map, classes, groupsOf(scores.map(wordOf)), 'class')
  const drawn = [`<div><h3>By class</h3>${byClass}</div>`]
  if (clusters) {
    const names = map.shown.map(i => String(scores[i].cluster))
    const groups = groupsOf(clusters.clusters.map(({ id }) => String(id)))
    drawn.push(`<div><h3>By cluster</h3>${scatter(map, names, groups, 'cluster')}</div>`)
  }
  const part = map.shown.length < scores.length ? ` ${map.shown.length} of ${scores.length} items are shown.` : ''
  return `<div class="pair">${drawn.join('')}</div>${note(map.name + part)}`
}

function clusterSection({ clusters }: Evaluation): string {
  if (!clusters) return ''
  const rows = clusters.clusters.map(({ id, count, mean_score, classes }) => [
    String(id),
    String(count),
    formatNumber(mean_score),
    describeCounts(classes, 8),
  ])
  const agreements = [
    ['classes', clusters.classes],
    ['decisions of the threshold', clusters.decisions],
  ] as const
  const words = agreements.map(([name, agreement]) => note(`With the ${name}: ${describeAgreement(agreement)}.`))
  const { method, space, dimensions, seed } = clusters
  const how = `${method} on ${space === 'latent' ? 'latents' : space} of ${dimensions} dimensions, seed ${seed}`
  return section(
    'Clusters',
    table(['Cluster', 'Items', 'Mean score', 'Classes'], rows) + words.join('') + note(`${how}.`),
  )
}

function precisions({ precisions }: Evaluation): string {
  if (!precisions) return ''
  const words = `Differences are |score − score in fp32| / score in fp32. Items per second are those of the model alone, without the front
    end, on the machine where this was made: the quickest of several rounds.`
  return section('Precision', table(PRECISION_HEADER, precisionRows(precisions)) + note(words.replace(/\s+/g, ' ')))
}

function flagged({ flagged, unit }: Evaluation): string {
  if (flagged.length === 0) return section('Flagged', note('Nothing scores above the threshold.'))
  const rows = flagged
    .slice(0, LISTED)
    .map(({ file, at, score, class: word }) => [
      formatNumber(score),
      at === null ? file : `${file}, ${unit === 'frame' ? `frame ${at}` : `${Number(at.toFixed(3))} s`}`,
      word ?? '',
    ])
  const more = flagged.length > LISTED ? note(`The ${LISTED} highest scores; --json has all.`) : ''
  return section(`Flagged (${flagged.length})`, table(['Score', 'Item', 'Class'], rows) + more)
}

function leftOut({ left_out }: Evaluation): string {
  if (left_out.length === 0) return ''
  const rows = left_out.slice(0, LISTED).map(({ path, reason }) => [path, reason])
  return section(`Files left out (${left_out.length})`, table(['File', 'Reason'], rows))
}
