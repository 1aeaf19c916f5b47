import { formatNumber } from '../report/axis.ts'
import type { ClusterEvaluation } from './clusters.ts'
import type { GroupFraction } from './fractions.ts'
import { type GroupedHistogram, positionOf } from './histogram.ts'
import { PRECISION_HEADER, precisionRows } from './precision-rows.ts'
import type { PrecisionCost } from './precisions.ts'
import { describeAgreement, describeCounts } from './words.ts'

const BARS = '▁▂▃▄▅▆▇█'
/** Groups of which a histogram is printed; the rest is counted. */
const GROUPS = 12
const NAME = 16

/** A line of bars for each group over the same scores, and where the threshold lies. */
export function histogramLines(title: string, histogram: GroupedHistogram, threshold: number): string[] {
  const { edges, counts, scale } = histogram
  if (edges.length === 0) return []
  const groups = Object.entries(counts)
  const bins = edges.length - 1
  const lines = groups.slice(0, GROUPS).map(([name, own]) => {
    const most = Math.max(...own)
    const bars = own.map(n => (n === 0 ? ' ' : BARS[Math.ceil((n / most) * BARS.length) - 1])).join('')
    const total = own.reduce((sum, n) => sum + n, 0)
    return `  ${fitted(name)} ${bars} ${total}`
  })
  const at = positionOf(histogram, threshold)
  const mark =
    at >= 0 && at <= 1 ? [`  ${' '.repeat(NAME + 1 + Math.min(bins - 1, Math.floor(at * bins)))}^ threshold`] : []
  const more = groups.length > GROUPS ? [`  and ${groups.length - GROUPS} more`] : []
  const range = `${formatNumber(edges[0])} to ${formatNumber(edges[bins])}${scale === 'log' ? ', logarithmic' : ''}`
  return [`${title.padEnd(NAME + 3)}${range}`, ...lines, ...more, ...mark]
}

export function clusterLines({ method, space, dimensions, seed, clusters, ...with_ }: ClusterEvaluation): string[] {
  const where = space === 'latent' ? `latents of ${dimensions}` : `${space} of ${dimensions}`
  return [
    `clusters           ${clusters.length} by ${method} (${where} dimensions, seed ${seed})`,
    ...clusters.map(({ id, count, mean_score, classes }) => {
      const words = describeCounts(classes, 6)
      return `  ${String(id).padStart(4)}  ${String(count).padStart(7)} items  mean score ${formatNumber(mean_score).padEnd(9)}  ${words}`.trimEnd()
    }),
    `with classes       ${describeAgreement(with_.classes)}`,
    `with decisions     ${describeAgreement(with_.decisions)}`,
  ]
}

export function fractionLines(fractions: readonly GroupFraction[]): string[] {
  const [{ fpr, normal, threshold, confidence }] = fractions
  const head = `FPR ${fpr.toFixed(3)} of ${normal} normal above ${formatNumber(threshold)}, ${Math.round(100 * confidence)} % intervals`
  return [
    `anomalous share    ${head}`,
    ...fractions.map(({ group, estimate, low, high, unlabelled, mixture }) => {
      const median = `at the median ${share(mixture)}`
      return `  ${fitted(group ?? 'unlabelled')} ${share({ estimate, low, high })}  of ${unlabelled}; ${median}`
    }),
  ]
}

/** A table in columns, two spaces apart. */
export function precisionLines(costs: readonly PrecisionCost[]): string[] {
  const rows = [PRECISION_HEADER.map(name => name.toLowerCase().replace('roc-auc', 'ROC-AUC')), ...precisionRows(costs)]
  // The last column may hold sentences.
  const widths = rows[0].slice(0, -1).map((_, i) => Math.max(...rows.map(row => row[i].length)))
  return rows.map(row => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())
}

const share = ({ estimate, low, high }: { estimate: number; low: number; high: number }): string =>
  `${estimate.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`

const fitted = (name: string): string => (name.length > NAME ? `${name.slice(0, NAME - 1)}…` : name.padEnd(NAME))
