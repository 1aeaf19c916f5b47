import { ERROR_CODES, type ErrorCode } from '../../errors.ts'
import { reasonOf } from '../scorer-protocol.ts'

/** Why windows are dropped. */
export const DROPPED: ReadonlySet<string> = new Set(['overflow', 'stopped'])

/** Why windows cannot be scored: what sources say, and the errors of the scorer. */
export const FAILED: ReadonlySet<string> = new Set([
  ...['decode', 'shape', 'input_shape', 'non_finite', 'wrong_rate', 'empty', 'oversized', 'compression'],
  ...['too_many_keys', 'overflow', 'worker_crashed'],
  ...(Object.keys(ERROR_CODES) as ErrorCode[]).map(reasonOf),
])

const OTHER = 'other'

/** Counts by reason, where reasons that nobody knows are one: a label has as many values as are listed here. */
export function byReason(
  counts: Readonly<Record<string, number>>,
  known: ReadonlySet<string>,
): readonly (readonly [reason: string, count: number])[] {
  const entries = Object.entries(counts)
  const strange = entries.filter(([reason]) => !known.has(reason))
  if (strange.length === 0) return entries
  const other = strange.reduce((sum, [, count]) => sum + count, 0)
  return [...entries.filter(([reason]) => known.has(reason)), [OTHER, other]]
}
