import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { AuscultError } from '../errors.ts'
import { counted } from './counted.ts'

/** scikit-learn's words for outlier detectors: 1 normal, −1 anomalous. */
export type Label = 1 | -1

const WORDS: Record<string, Label> = { '1': 1, '-1': -1, normal: 1, anomaly: -1, anomalous: -1 }
const SHOWN = 10

/** What a label file says of a recording; at least one is not null. */
export interface Known {
  readonly label: Label | null
  /** Any word; null where the file gives none. */
  readonly class: string | null
  /** Which machine was recorded; null where the file does not say. */
  readonly machine: string | null
}

const FIELDS = ['label', 'class', 'machine'] as const

/** The labels of `readKnown`. Recordings of which only the class is known are left out. */
export function readLabels(file: string, recordings: readonly string[]): Map<string, Label> {
  const known = [...readKnown(file, recordings)]
  return new Map(known.flatMap(([path, { label }]) => (label === null ? [] : [[path, label]])))
}

/**
 * Reads a CSV of `file,label` or `file,label,class` lines (header optional, fields may be quoted) and matches it to recordings. A file is
 * named by its absolute path, its path from the label file's folder or the working folder, or the end of its path (`a.wav`,
 * `pump/a.wav`). With a header, class and machine are in the columns of these names, wherever those are. The label may be empty where there is a class.
 * @returns what is known of each recording that the file names, keyed by the path as given in `recordings`
 * @throws AUSCULT_INPUT_MISSING, AUSCULT_LABELS for a line that is no label, names an absent recording or fits several
 */
export function readKnown(file: string, recordings: readonly string[]): Map<string, Known> {
  const rows = parseLabels(readText(file), file)
  const byAbsolute = new Map(recordings.map(path => [resolve(path), path]))
  const byName = new Map<string, string[]>()
  for (const path of recordings) byName.set(basename(path), [...(byName.get(basename(path)) ?? []), path])
  const found = new Map<string, Known>()
  const absent: string[] = []
  for (const { name, known, line } of rows) {
    const exact = byAbsolute.get(resolve(dirname(file), name)) ?? byAbsolute.get(resolve(name))
    const matches = exact ? [exact] : (byName.get(basename(name)) ?? []).filter(path => endsWithPath(path, name))
    if (matches.length > 1) {
      throw new AuscultError('AUSCULT_LABELS', `"${name}" fits ${matches.length} recordings: ${listed(matches)}`, {
        at: `${file}:${line}`,
        remedy: 'Name the recording by a longer part of its path.',
      })
    }
    const earlier = found.get(matches[0]) ?? known
    if (matches.length === 0) absent.push(name)
    else if (FIELDS.some(field => earlier[field] !== known[field])) {
      throw new AuscultError('AUSCULT_LABELS', `"${name}" is labelled twice, differently`, {
        at: `${file}:${line}`,
        remedy: 'Keep one of its lines.',
      })
    } else found.set(matches[0], known)
  }
  const remedy = 'Remove these lines, or give the folders that hold the recordings.'
  if (absent.length) throw absentError(file, absent, remedy)
  return found
}

/**
 * The recordings that a label file names, as absolute paths: from the label file's folder, else from the working folder.
 * @throws AUSCULT_LABELS listing those that are absent
 */
export function labelledFiles(file: string): string[] {
  const names = parseLabels(readText(file), file).map(({ name }) => name)
  const found = names.map(name => [resolve(dirname(file), name), resolve(name)].find(path => existsSync(path)))
  const absent = names.filter((_, i) => found[i] === undefined)
  if (absent.length) throw absentError(file, absent, 'Correct the paths, or give the folders that hold the recordings.')
  return [...new Set(found as string[])].sort()
}

function absentError(file: string, absent: string[], remedy: string): AuscultError {
  const are = absent.length === 1 ? 'is' : 'are'
  const message = `names ${counted(absent.length, 'recording')} that ${are} absent: ${listed(absent)}`
  return new AuscultError('AUSCULT_LABELS', message, { at: file, remedy })
}

interface Row {
  name: string
  known: Known
  line: number
}

function parseLabels(text: string, file: string): Row[] {
  const rows = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((content, i) => ({ fields: splitCsv(content), line: i + 1 }))
    .filter(({ fields }) => fields.some(field => field !== ''))
  const first = rows.at(0)?.fields.map(field => field.toLowerCase())
  const header = first?.[1] === 'label' ? first : undefined
  if (header) rows.shift()
  if (rows.length === 0) throw new AuscultError('AUSCULT_LABELS', 'holds no labels', { at: file })
  const column = header ? header.indexOf('class') : 2
  const machine = header ? header.indexOf('machine') : -1
  return rows.map(({ fields, line }) => {
    const [name, word = ''] = fields
    const label = WORDS[word.toLowerCase()] ?? null
    const group = fields[column] || null
    if (!name || (label === null && (word !== '' || group === null))) throw badLine(fields, `${file}:${line}`)
    return { name, known: { label, class: group, machine: fields[machine] || null }, line }
  })
}

function badLine(fields: string[], at: string): AuscultError {
  return new AuscultError('AUSCULT_LABELS', `"${fields.join(',')}" is not "file,label" or "file,label,class"`, {
    at,
    remedy: 'The label is 1 or normal, -1 or anomaly; any other word is a class, in a third column.',
  })
}

/** Fields of one line; a quoted field may hold commas and doubled quotes. */
function splitCsv(line: string): string[] {
  const fields = line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g) ?? []
  if (!line.endsWith(',')) fields.pop()
  return fields.map(field => {
    const text = field.replace(/,$/, '').trim()
    return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text
  })
}

function endsWithPath(path: string, end: string): boolean {
  const parts = end.split(/[\\/]/).filter(part => part !== '' && part !== '.')
  return path.split(/[\\/]/).slice(-parts.length).join('/') === parts.join('/')
}

const listed = (names: string[]) =>
  names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '')

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new AuscultError('AUSCULT_INPUT_MISSING', 'the label file cannot be read', { at: file, cause })
  }
}
