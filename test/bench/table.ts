import type { Result } from './compare.ts'

const HEADER = ['', 'Auscult', '', 'compared with', '', 'ratio', 'of bests', 'aim', '']

/** A line for each comparison: what, how fast, than whom, how much faster, and whether the aim is met. */
export function table(results: readonly Result[]): string {
  const rows = results.flatMap(({ name, unit, ours, peers }) => {
    const mine = [name, figure(ours.median), unit]
    if (peers.length === 0) return [[...mine, '', '', '', '', '', '']]
    return peers.map(({ label, rate, ratio, ratioOfBests, aim, met }, i) => [
      ...(i === 0 ? mine : ['', '', '']),
      ...[label, figure(rate.median), times(ratio), times(ratioOfBests), `≥ ${times(aim)}`, met ? 'met' : 'MISSED'],
    ])
  })
  const compared = rows.some(row => row[3] !== '')
  const lines = compared ? [HEADER, ...rows] : rows
  return aligned(lines, [1, 4, 5, 6, 7])
}

/** Columns of equal width; those of figures end flush right. */
export function aligned(lines: readonly string[][], figures: readonly number[]): string {
  const widths = lines[0].map((_, column) => Math.max(...lines.map(line => line[column].length)))
  const right = new Set(figures)
  return lines
    .map(line => line.map((cell, i) => (right.has(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  '))
    .map(line => line.trimEnd())
    .join('\n')
}

const times = (ratio: number): string => `${ratio.toFixed(2)} ×`

/** Three significant digits, thousands apart: `53,300`. */
const figure = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en')
