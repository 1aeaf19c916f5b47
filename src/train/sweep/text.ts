import { formatDuration } from '../../progress.ts'
import { formatNumber } from '../report/axis.ts'
import { formatSpread } from '../report/spread.ts'
import { describeValue, describeValues } from './members.ts'
import type { MemberResult, SweepResult } from './result.ts'

/** Header and rows of the table of results, the best first. */
export function sweepTable({ members }: SweepResult): { header: string[]; rows: string[][] } {
  const parameters = Object.keys(members[0].values)
  const has = (test: (member: MemberResult) => boolean) => members.some(test)
  const isLabelled = has(member => member.state === 'done' && member.roc_auc !== null)
  const isValidated = has(member => member.state === 'done' && member.validation_loss !== null)
  const header = [
    'model',
    ...parameters,
    ...(isLabelled ? ['ROC-AUC', 'partial'] : []),
    ...(isValidated ? ['validation loss'] : []),
    'training loss',
    'epochs',
    'time',
    '',
  ]
  const rows = members.map(member => {
    const values = parameters.map(path => describeValue(member.values[path]))
    if (member.state !== 'done') {
      const blanks = Array(header.length - values.length - 2).fill('')
      return [
        member.id,
        ...values,
        ...blanks,
        member.state === 'failed' ? `failed: ${firstLine(member.message)}` : 'missing',
      ]
    }
    const { bootstrap } = member
    const auc = (value: number | null) => value?.toFixed(4) ?? '–'
    const loss = (value: number | null) => (value === null ? '–' : formatNumber(value))
    return [
      member.id,
      ...values,
      ...(isLabelled ? [auc(member.roc_auc), auc(member.partial_roc_auc)] : []),
      ...(isValidated ? [withSpread(loss(member.validation_loss), bootstrap?.validation_loss)] : []),
      withSpread(loss(member.train_loss), bootstrap?.train_loss),
      String(member.epochs),
      formatDuration(member.seconds),
      member.ended === 'diverged' ? 'diverged' : '',
    ]
  })
  return { header, rows }
}

const withSpread = (text: string, spread: Parameters<typeof formatSpread>[0] | null | undefined): string =>
  spread ? `${text} (${formatSpread(spread)})` : text

const firstLine = (text: string): string => text.split('\n', 1)[0]

/** A line when a member has ended. */
export function describeMember(member: MemberResult): string {
  const what = `${member.id} ${describeValues(member.values)}`
  if (member.state === 'missing') return `${what} · missing`
  if (member.state === 'failed') return `${what} · failed: ${firstLine(member.message)} (${member.log})`
  const loss = member.validation_loss ?? member.train_loss
  const parts = [
    what,
    `${member.validation_loss === null ? 'training' : 'validation'} loss ${formatNumber(loss)}`,
    member.roc_auc === null ? '' : `ROC-AUC ${member.roc_auc.toFixed(4)}`,
    member.ended === 'diverged' ? 'diverged' : '',
    formatDuration(member.seconds),
  ]
  return parts.filter(Boolean).join(' · ')
}

const SORTED = { roc_auc: 'ROC-AUC', validation_loss: 'validation loss', train_loss: 'training loss' }

export const describeOrder = ({ sorted_by }: SweepResult): string => SORTED[sorted_by]

/** What `auscult train` prints at the end of a sweep. */
export function formatSweep(result: SweepResult): string {
  const { done, failed, missing, best, folder } = result
  const { header, rows } = sweepTable(result)
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map(row => row[column].length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd()
  const counts = [`${done} trained`, failed ? `${failed} failed` : '', missing ? `${missing} missing` : '']
  return [
    line(header),
    ...rows.map(line),
    '',
    `models     ${counts.filter(Boolean).join(', ')}, sorted by ${describeOrder(result)}`,
    ...(missing ? ['go on      with --resume'] : []),
    ...(best ? [`best       ${best}`] : []),
    `time       ${formatDuration(result.seconds)}`,
    `report     ${folder}/report.html`,
  ].join('\n')
}
