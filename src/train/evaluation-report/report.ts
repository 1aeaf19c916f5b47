import type { Interval } from '../bootstrap-measures.ts'
import type { ClassificationReport } from '../classification.ts'
import type { Evaluation, Scored } from '../evaluation/evaluation.ts'
import type { Gallery } from '../evaluation/gallery.ts'
import type { GroupedHistogram } from '../evaluation/histogram.ts'
import { PRECISION_HEADER, precisionRows } from '../evaluation/precision-rows.ts'
import { describeAgreement, describeCounts, describePolicy, formatInterval } from '../evaluation/words.ts'
import { formatNumber } from '../report/axis.ts'
import { detectorRows } from '../report/detector-rows.ts'
import { renderExample } from '../report/example.ts'
import { escapeHtml, table } from '../report/html.ts'
import { figures, note, page, section } from '../report/page.ts'
import { classSection, comparisonSection, curveSection, machineSection } from './figures.ts'
import { groupsOf } from './groups.ts'
import { intervals } from './intervals.ts'
import { recognitionSection } from './recognition.ts'
import { type ScatterMap, scatter } from './scatter.ts'
import { strips } from './strips.ts'
import { EVALUATION_STYLE } from './style.ts'
import { type SpatialMap, turntable } from './turntable.ts'

export interface EvaluationReport {
  evaluation: Evaluation
  created: string
  /** None with fewer than three items. */
  maps: readonly NamedMap[]
  /** Null with fewer than three items, or fewer than three dimensions. */
  spatial: SpatialMap | null
  gallery: Gallery
}

/** Of the items at `shown`. */
export interface NamedMap extends ScatterMap {
  name: string
  shown: readonly number[]
}

const LISTED = 50

/** One HTML file that needs nothing else. A script in it turns points in three dimensions; the rest is there without it. */
export function renderEvaluation(report: EvaluationReport): string {
  const { evaluation, created } = report
  const sections = [
    figures(summary(evaluation)),
    comparisonSection(evaluation),
    section('Scores', scores(evaluation)),
    curveSection(evaluation),
    machineSection(evaluation),
    classSection(evaluation),
    recognitionSection(evaluation),
    mapSection(report),
    spatialSection(report),
    gallerySection(report.gallery),
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
  const { intervals, machines, recognition } = evaluation
  const metric = (name: string, value: number | null, interval?: Interval): [string, string][] =>
    value === null ? [] : [[name, value.toFixed(4) + (interval ? ` ${formatInterval(interval)}` : '')]]
  const part = (name: string, n: number | undefined, all: number): [string, string][] =>
    n === undefined || all === 0 ? [] : [[name, `${n} of ${all}`]]
  return [
    ['Recordings', String(evaluation.recordings)],
    ['Windows', String(evaluation.windows)],
    ['Items', per === 'window' ? 'each window' : `recordings, ${aggregate} of windows`],
    ['Labels', `${evaluation.normal} normal, ${evaluation.anomalous} anomalous, ${evaluation.unlabelled} without`],
    ...(evaluation.detector ? detectorRows(evaluation.detector) : []),
    ['Threshold', `${formatNumber(threshold.value)} (${describePolicy(evaluation)})`],
    ...(recognition?.report ? ([['Recognised', recognisedOf(recognition.report)]] as [string, string][]) : []),
    ...metric('ROC-AUC', roc_auc, intervals?.roc_auc),
    ...metric(`Partial ROC-AUC (FPR ≤ ${max_fpr})`, partial_roc_auc, intervals?.partial_roc_auc),
    ...metric('Average precision', average_precision, intervals?.average_precision),
    ...metric('Harmonic mean (DCASE)', machines?.harmonic_mean ?? null),
    ...part('Anomalous found', confusion?.true_positive, evaluation.anomalous),
    ...part('Normal flagged', confusion?.false_positive, evaluation.normal),
  ]
}

const recognisedOf = ({ accuracy, averages }: ClassificationReport): string =>
  `${(100 * accuracy).toFixed(1)} % of items, macro F1 ${averages.macro.f1.toFixed(4)}`

function scores({ histograms, threshold, compared, name }: Evaluation): string {
  const draw = (histogram: GroupedHistogram, at: number) =>
    strips(histogram, groupsOf(Object.keys(histogram.counts)), at)
  const parts = [[compared.length ? `${name}, by class` : 'By class', draw(histograms.class, threshold.value)]]
  if (histograms.cluster) parts.push(['By cluster', draw(histograms.cluster, threshold.value)])
  for (const other of compared) parts.push([`${other.name}, by class`, draw(other.histogram, other.threshold.value)])
  if (parts.length === 1) return parts[0][1]
  return parts.map(([title, content]) => `<h3>${escapeHtml(title)}</h3>${content}`).join('')
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

function spatialSection({ evaluation: { scores }, spatial }: EvaluationReport): string {
  if (!spatial) return ''
  const wordOf = ({ class: word }: Scored) => word ?? 'no class'
  const names = spatial.shown.map(i => wordOf(scores[i]))
  return section('Latents in three dimensions', turntable(spatial, names, groupsOf(scores.map(wordOf))))
}

function gallerySection({ groups, view }: Gallery): string {
  if (groups.length === 0) return ''
  const parts = groups.map(({ name, examples }) => {
    const drawn = examples.map(example => renderExample(example, view))
    return `<h3>${escapeHtml(name)}</h3>${drawn.join('')}`
  })
  const words =
    'Of each class the item of the highest, the middle and the lowest score; of a recording, its window of the highest score.'
  return section('Reconstructions', note(words) + parts.join(''))
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

function flagged({ flagged, unit, recognition }: Evaluation): string {
  if (flagged.length === 0) return section('Flagged', note('Nothing scores above the threshold.'))
  const rows = flagged
    .slice(0, LISTED)
    .map(({ file, at, score, class: word, predicted }) => [
      formatNumber(score),
      at === null ? file : `${file}, ${unit === 'frame' ? `frame ${at}` : `${Number(at.toFixed(3))} s`}`,
      word ?? '',
      ...(recognition ? [predicted ?? ''] : []),
    ])
  const columns = ['Score', 'Item', 'Class', ...(recognition ? ['Called'] : [])]
  const more = flagged.length > LISTED ? note(`The ${LISTED} highest scores; --json has all.`) : ''
  return section(`Flagged (${flagged.length})`, table(columns, rows) + more)
}

function leftOut({ left_out }: Evaluation): string {
  if (left_out.length === 0) return ''
  const rows = left_out.slice(0, LISTED).map(({ path, reason }) => [path, reason])
  return section(`Files left out (${left_out.length})`, table(['File', 'Reason'], rows))
}
