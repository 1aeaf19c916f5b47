export interface Column {
  readonly title: string
  readonly align?: 'right'
  /** Which end gives way where the screen is too narrow. Others keep their width. */
  readonly cut?: 'start' | 'end'
}

/** Least width of a column that gives way. */
const LEAST = 8
const GAP = '  '

/** Lines of a table that fit into `width` columns where they can; undefined: as wide as it is. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width?: number): string {
  const cells = [columns.map(({ title }) => title), ...rows.map(row => row.map(printable))]
  const widths = columns.map((_, i) => Math.max(...cells.map(row => widthOf(row[i]))))
  if (width !== undefined) shrink(columns, widths, width - GAP.length * (columns.length - 1))
  return cells
    .map(row => row.map((cell, i) => fit(cell, widths[i], columns[i])).join(GAP))
    .map(line => line.trimEnd())
    .join('\n')
}

/** Lines of `name  value`; pairs without a value are left out. Lines of one value stand below each other. */
export function list(pairs: readonly (readonly [string, string | undefined])[]): string {
  const given = pairs.filter(([, value]) => value !== undefined && value !== '')
  const width = Math.max(0, ...given.map(([name]) => name.length))
  const indent = `\n${' '.repeat(width)}${GAP}`
  return given.map(([name, value]) => `${name.padEnd(width)}${GAP}${value!.replaceAll('\n', indent)}`).join('\n')
}

/** What others wrote must not move the cursor, colour the screen or turn the direction of text. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�')

/** Takes from the widest column that gives way, until all fit. */
function shrink(columns: readonly Column[], widths: number[], room: number): void {
  for (let over = sum(widths) - room; over > 0; over--) {
    const able = widths.map((width, i) => (columns[i].cut && width > LEAST ? width : 0))
    const widest = Math.max(...able)
    if (widest === 0) return
    widths[able.indexOf(widest)]--
  }
}

function fit(text: string, width: number, { align, cut }: Column): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  if (widthOf(text) <= width) return align === 'right' ? space + text : text + space
  const signs = [...text]
  while (signs.length > 0 && widthOf(signs.join('')) > width - 1) {
    if (cut === 'start') signs.shift()
    else signs.pop()
  }
  const short = cut === 'start' ? `…${signs.join('')}` : `${signs.join('')}…`
  return short + ' '.repeat(Math.max(0, width - widthOf(short)))
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u
const COMBINING = /\p{M}/u

/** Columns of a terminal. */
const widthOf = (text: string): number =>
  [...text].reduce((width, sign) => width + (COMBINING.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1), 0)

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
