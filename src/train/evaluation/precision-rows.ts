import type { PrecisionCost } from './precisions.ts'

/** Columns of a table of precisions. */
export const PRECISION_HEADER = [
  'Precision',
  'Device',
  'Model',
  'ROC-AUC',
  'Largest difference',
  'Judged otherwise',
  'Items/s, batch 1',
  'Items/s, batch 512',
  'auscult run',
]

/** One row for each precision, as text. */
export const precisionRows = (costs: readonly PrecisionCost[]): string[][] => costs.map(cost => rowOf(cost, costs[0]))

function rowOf(cost: PrecisionCost, exact: PrecisionCost): string[] {
  const { precision, unavailable, speed, device } = cost
  if (unavailable !== null) return [precision, ...Array(PRECISION_HEADER.length - 2).fill('–'), unavailable]
  return [
    precision,
    device!,
    formatBytes(cost.model_bytes!),
    cost.roc_auc === null ? '–' : cost.roc_auc.toFixed(4),
    precision === 'fp32' ? '–' : formatShare(cost.largest_difference!),
    precision === 'fp32' ? '–' : String(cost.judged_otherwise),
    ...speed!.map(({ items_per_second }, i) => formatSpeed(items_per_second, exact.speed?.[i].items_per_second)),
    cost.accepted ? 'takes it' : 'refuses it: golden windows differ',
  ]
}

const formatBytes = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`

/** A relative difference, as a percentage. */
export const formatShare = (share: number): string => `${Number((100 * share).toPrecision(2))} %`

function formatSpeed(speed: number, exact: number | undefined): string {
  const whole = Math.round(speed).toLocaleString('en-US')
  return exact === undefined || exact === speed ? whole : `${whole} (×${(speed / exact).toFixed(1)})`
}
