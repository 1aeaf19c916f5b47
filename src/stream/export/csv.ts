/** What a cell may hold. Numbers stand as they are, times as ISO 8601, undefined as nothing. */
export type Cell = string | number | boolean | undefined

/** One line, as RFC 4180 has it. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(cellText).join(',')}\r\n`

/** ISO 8601, UTC; empty for what was never, or is no time that a calendar has. */
export const isoTime = (ms: number | undefined): string | undefined =>
  ms === undefined || !(Math.abs(ms) <= 8.64e15) ? undefined : new Date(ms).toISOString()

function cellText(cell: Cell): string {
  if (cell === undefined) return ''
  if (typeof cell !== 'string') return String(cell)
  const text = guarded(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/**
 * Text that a spreadsheet would take for a formula gets an apostrophe in front, and so does text that begins with one: whoever takes one
 * apostrophe away has the text again. Names of sources and notes come from outside, and a formula can fetch and send.
 */
const guarded = (text: string): string =>
  /^(?:[\s\0]*[=+\-@＝＋－＠]|[\t\r\n\0']|\s+')/.test(text) ? `'${text}` : text
