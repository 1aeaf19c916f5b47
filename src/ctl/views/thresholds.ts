import { thresholdText } from '../../threshold-text.ts'
import type { Screen } from '../outcome.ts'
import type { ChoiceRow, InForceRow, RecalibratedRow, RevertedRow, ThresholdsRow } from '../rows.ts'
import { table } from '../table.ts'
import { relative } from '../time.ts'
import { score } from './numbers.ts'

export function thresholdsText({ configured, all, sources }: ThresholdsRow, { columns, now }: Screen): string {
  const row = (name: string, { policy, who, at, note = '' }: ChoiceRow) => [
    name,
    thresholdText(policy),
    `${who}, ${relative(at, now)}`,
    note,
  ]
  const rows = [
    ['configured', thresholdText(configured), '', ''],
    ...(all ? [row('all sources', all)] : []),
    ...sources.map(choice => row(choice.source, choice)),
  ]
  const titles = [
    { title: 'FOR', cut: 'start' as const },
    { title: 'POLICY' },
    { title: 'BY' },
    { title: 'NOTE', cut: 'end' as const },
  ]
  return table(titles, rows, columns)
}

export const inForceText = ({ source, policy, threshold }: InForceRow): string =>
  `${source ?? 'all sources'}: ${thresholdText(policy)}, from a score of ${score(threshold)} on`

export function recalibratedText({ source, applied, report }: RecalibratedRow, { columns }: Screen): string {
  const { before, after, factor, psi, trimmed, forced } = report
  const side = (name: string, { windows, median, percentile_99, threshold }: typeof before) => [
    ...[name, String(windows), score(median), score(percentile_99), score(threshold)],
  ]
  const right = ['WINDOWS', 'MEDIAN', '99 %', 'THRESHOLD'].map(title => ({ title, align: 'right' as const }))
  const done = applied ? `${source} is calibrated anew` : `${source} would be calibrated anew; nothing is changed`
  return [
    table([{ title: '' }, ...right], [side('before', before), side('after', after)], columns),
    `threshold ×${score(factor)}, population stability index ${score(psi)}, ${trimmed} outliers left out`,
    `${done}${forced ? ', by force' : ''}`,
  ].join('\n')
}

export const revertedText = ({ source, before, after, left }: RevertedRow): string =>
  `${source}: the threshold is ${score(after)} again, after ${score(before)}; ${left} more steps back`
