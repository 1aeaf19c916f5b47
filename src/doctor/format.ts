import type { Check, Diagnosis, Section } from './check.ts'

/** The terminal that is written to. */
export interface Screen {
  readonly columns?: number
  readonly colors: boolean
}

const MARK: Record<Check['state'], string> = { ok: '✓', absent: '–', failed: '✗' }
const COLOR: Record<Check['state'], number> = { ok: 32, absent: 90, failed: 31 }
const LEAST = 40

/** Control characters of what others wrote would move the cursor. */
const printable = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '�')

/** A section as lines: a mark, a name and what was found; below it what would mend it. */
export function formatSection({ title, checks }: Section, screen: Screen): string {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const indent = ' '.repeat(width + 6)
  const room = Math.max(LEAST, (screen.columns ?? Number.POSITIVE_INFINITY) - indent.length)
  const lines = checks.flatMap(({ name, state, text, remedy }) => {
    const [first, ...others] = wrap(printable(text), room)
    const mend = remedy ? wrap(`→ ${printable(remedy)}`, room - 2).map((line, i) => (i ? `  ${line}` : line)) : []
    const mark = paint(MARK[state], COLOR[state], screen)
    return [`  ${mark} ${name.padEnd(width)}  ${first}`, ...[...others, ...mend].map(line => indent + line)]
  })
  return [paint(title, 1, screen), ...lines].join('\n')
}

/** The last line. */
export function formatVerdict({ ok, config, sections }: Diagnosis, screen: Screen): string {
  const what = config ?? '`auscult run` with its defaults'
  if (ok) return paint(`All that ${what} needs is there.`, 32, screen)
  const gaps = sections.flatMap(({ checks }) => checks.filter(({ state }) => state === 'failed'))
  const names = gaps.map(({ name }) => name).join(', ')
  return paint(`${what} lacks ${gaps.length === 1 ? '1 thing' : `${gaps.length} things`}: ${names}.`, 31, screen)
}

const paint = (text: string, color: number, { colors }: Screen): string =>
  colors ? `\x1b[${color}m${text}\x1b[0m` : text

/** Lines of at most `room` characters, where words allow. */
function wrap(text: string, room: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1]
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && longer.length > room) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}
