import { AuscultError } from '../../errors.ts'
import type { ByteSource } from '../bytes.ts'

/** A column by number from 0, or by its name in the first line. */
export type ColumnKey = number | string

/** Numbers of a table, row-major. */
export interface CsvTable {
  readonly values: Float32Array
  readonly rows: number
  readonly columns: number
  readonly bytes: number
}

/** A field and where it starts in its line, from 1. */
interface Field {
  readonly text: string
  readonly column: number
}

const PIECE = 2 ** 20
/** No table of numbers has longer lines; a binary file may. */
const MAX_LINE = 2 ** 22
/** 1 GiB of float32. */
const MAX_VALUES = 2 ** 28
const SEPARATORS = [';', '\t', ',']

/**
 * Reads lines of numbers between `,`, `;`, tabs or blanks (the first of these that the first line holds). A first line with anything else
 * than numbers is the header; empty lines and lines from `#` on are passed over; an empty field is NaN. Beside `;` and tabs a
 * decimal comma is understood.
 * @param keys columns to read, in this order; all when undefined
 * @throws AUSCULT_INPUT_INVALID with line and column; AUSCULT_CONFIG when a column does not exist
 */
export function readCsv(file: ByteSource, keys?: readonly ColumnKey[]): CsvTable {
  const rows = new Rows(file, keys)
  let line = 0
  for (const text of lines(file)) {
    line++
    if (text.trim() !== '' && !text.trimStart().startsWith('#')) rows.take(text, line)
  }
  return rows.table()
}

class Rows {
  readonly #file: ByteSource
  readonly #keys: readonly ColumnKey[] | undefined
  #separator: string | undefined
  #fields = 0
  #chosen: number[] = []
  #values = new Float32Array(1024)
  #count = 0

  constructor(file: ByteSource, keys: readonly ColumnKey[] | undefined) {
    this.#file = file
    this.#keys = keys
  }

  take(text: string, line: number): void {
    if (this.#separator === undefined) {
      this.#separator = SEPARATORS.find(separator => text.includes(separator)) ?? ' '
      const names = split(text, this.#separator).map(field => field.text)
      const isHeader = this.#isHeader(names)
      this.#fields = names.length
      this.#chosen = this.#choose(names, isHeader)
      if (isHeader) return
    }
    const fields = split(text, this.#separator)
    if (fields.length !== this.#fields) {
      throw invalid(this.#file, `${line}`, `${fields.length} fields in a table of ${this.#fields} columns`)
    }
    if (this.#count + this.#chosen.length > this.#values.length) this.#grow(line)
    for (const column of this.#chosen) this.#values[this.#count++] = this.#parse(fields[column], line)
  }

  table(): CsvTable {
    const columns = this.#chosen.length
    if (this.#count === 0) throw invalid(this.#file, '1', 'the table holds no numbers')
    const values = this.#values.slice(0, this.#count)
    return { values, rows: values.length / columns, columns, bytes: values.byteLength }
  }

  #parse({ text, column }: Field, line: number): number {
    const value = this.#number(text)
    if (!Number.isNaN(value) || text === '' || /^nan$/i.test(text)) return value
    const remedy = 'Take the columns with numbers by `columns`, e.g. [0, 2] or [time, level].'
    throw invalid(this.#file, `${line}:${column}`, `${JSON.stringify(text.slice(0, 40))} is no number`, remedy)
  }

  #number(text: string): number {
    if (text === '') return Number.NaN
    if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
    if (/^[+-]?0[box]/i.test(text)) return Number.NaN
    return Number(this.#separator === ',' ? text : text.replace(',', '.'))
  }

  /** Whether a field that would be read is no number. Columns that are not asked for may hold anything. */
  #isHeader(names: readonly string[]): boolean {
    if (this.#keys?.some(key => typeof key === 'string')) return true
    const read = this.#keys?.map(key => names[key as number] ?? '') ?? names
    return read.some(text => text !== '' && !/^nan$/i.test(text) && Number.isNaN(this.#number(text)))
  }

  #choose(names: readonly string[], isHeader: boolean): number[] {
    const all = names.map((_, i) => i)
    return this.#keys?.map(key => this.#find(key, names, isHeader)) ?? all
  }

  #find(key: ColumnKey, names: readonly string[], isHeader: boolean): number {
    const column = typeof key === 'number' ? key : isHeader ? names.indexOf(key) : -1
    if (column >= 0 && column < names.length) return column
    const known = isHeader
      ? `It has ${names.join(', ')}.`
      : `It has no header; columns are numbered 0 to ${names.length - 1}.`
    throw new AuscultError('AUSCULT_CONFIG', `the table has no column ${JSON.stringify(key)}`, {
      at: this.#file.name,
      remedy: known,
    })
  }

  #grow(line: number): void {
    const size = Math.max(2 * this.#values.length, this.#count + this.#chosen.length)
    if (size > MAX_VALUES)
      throw invalid(this.#file, `${line}`, `more than ${MAX_VALUES} numbers`, 'Store large arrays as .npy.')
    const values = new Float32Array(size)
    values.set(this.#values)
    this.#values = values
  }
}

/** Fields of a line, without blanks and quotes around them. */
function split(text: string, separator: string): Field[] {
  const fields: Field[] = []
  if (separator === ' ') {
    for (const { 0: word, index } of text.matchAll(/\S+/g)) fields.push({ text: unquoted(word), column: index + 1 })
    return fields
  }
  for (let from = 0; from <= text.length; ) {
    const to = endOfField(text, from, separator)
    const field = text.slice(from, to)
    const blanks = field.length - field.trimStart().length
    fields.push({ text: unquoted(field.trim()), column: from + blanks + 1 })
    from = to + 1
  }
  return fields
}

function endOfField(text: string, from: number, separator: string): number {
  let quoted = false
  for (let i = from; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted
    else if (text[i] === separator && !quoted) return i
  }
  return text.length
}

const unquoted = (text: string): string =>
  text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).replaceAll('""', '"').trim() : text

/** Lines of a UTF-8 file, read in pieces. */
function* lines(file: ByteSource): Generator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for (let position = 0; position < file.size; position += PIECE) {
    const count = Math.min(PIECE, file.size - position)
    const text = rest + decoder.decode(file.read(position, count), { stream: true })
    const parts = text.split(/\r\n|\n|\r(?!$)/)
    rest = parts.pop()!
    if (rest.length > MAX_LINE)
      throw invalid(file, '', `a line of more than ${MAX_LINE} characters`, 'Is this a table?')
    yield* parts
  }
  const last = rest + decoder.decode()
  if (last !== '') yield last.replace(/\r$/, '')
}

const invalid = (file: ByteSource, place: string, message: string, remedy = 'Correct the file, or leave it out.') =>
  new AuscultError('AUSCULT_INPUT_INVALID', message, { at: `${file.name}${place && ':'}${place}`, remedy })
