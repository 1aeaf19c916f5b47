import { basename, dirname, resolve } from 'node:path'
import { AuscultError } from '../errors.ts'
import type { ClassesConfig } from './classes-config.ts'
import { counted } from './counted.ts'
import { readKnown } from './labels.ts'
import { matchIn } from './path-pattern.ts'
import type { Dropped } from './scan.ts'

/** Classes that a network learns to tell apart. */
export interface Classes {
  /** Sorted, numbers by their value. */
  readonly names: readonly string[]
  /** What an item of each class weighs in the loss, in the order of the names. */
  readonly weights: readonly number[]
  /** Index into `names` of a recording's class. */
  of(path: string): number
}

/** Which recordings are taken, and the class of each. */
export interface Assigned {
  readonly classes: ReadonlyMap<string, string>
  readonly leftOut: readonly Dropped[]
}

const SHOWN = 5

/**
 * Finds the class of each recording.
 * @param labels the label file, or null
 * @throws AUSCULT_CONFIG when there is no label file to read the classes from, or `map` names classes that are absent; AUSCULT_LABELS when
 *   a recording has no class; what readKnown throws
 */
export function assignClasses(config: ClassesConfig, files: readonly string[], labels: string | null): Assigned {
  const nameOf = namesFrom(config, files, labels)
  const found = files.map(path => ({ path, name: nameOf(path) }))
  const without = found.filter(({ name }) => name === null).map(({ path }) => path)
  if (without.length > 0) throw withoutClass(config, without, files.length, labels)
  requireKnown('classes.map', Object.keys(config.map), sortedNames(found.map(({ name }) => name!)))
  const classes = new Map<string, string>()
  const leftOut: Dropped[] = []
  for (const { path, name } of found as { path: string; name: string }[]) {
    const mapped = Object.hasOwn(config.map, name) ? config.map[name] : name
    if (mapped === null) leftOut.push({ path, reason: `of class ${name}, which classes.map leaves out` })
    else classes.set(path, mapped)
  }
  return { classes, leftOut }
}

/**
 * The names of the classes of these recordings.
 * @throws AUSCULT_TRAINING when there are less than two, or one of them has a single recording: it is trained on and held out
 */
export function classNames(assigned: ReadonlyMap<string, string>, recordings: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const path of recordings) {
    const name = assigned.get(path)!
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const names = sortedNames([...counts.keys()])
  if (names.length < 2) {
    const message = names.length ? `every recording is of class ${names[0]}` : 'no recording is left'
    throw new AuscultError('AUSCULT_TRAINING', `${message}: there are no classes to tell apart`, {
      at: 'classes',
      remedy: 'Give recordings of two classes or more, or correct classes.from, classes.pattern or classes.map.',
    })
  }
  const single = names.filter(name => counts.get(name) === 1)
  if (single.length === 0) return names
  throw new AuscultError('AUSCULT_TRAINING', `a single recording is of class ${listed(single)}`, {
    at: 'classes',
    remedy:
      'Give two or more, one to train on and one to hold out, or leave the class out: classes.map: { name: null }.',
  })
}

/**
 * @param windows number of windows of each class that are trained on, in the order of the names
 * @returns of each class; `balanced` as in scikit-learn: n / (k · n_c), of k classes and n windows, n_c of the class
 * @throws AUSCULT_CONFIG for a weight of a class that is absent
 */
export function classWeights(
  { weights }: Pick<ClassesConfig, 'weights'>,
  names: readonly string[],
  windows: readonly number[],
): number[] {
  if (weights === 'none') return names.map(() => 1)
  const n = windows.reduce((sum, count) => sum + count, 0)
  if (weights === 'balanced') return windows.map(count => n / (names.length * count))
  requireKnown('classes.weights', Object.keys(weights), names)
  return names.map(name => (Object.hasOwn(weights, name) ? weights[name] : 1))
}

function namesFrom(
  { from, pattern }: ClassesConfig,
  files: readonly string[],
  labels: string | null,
): (path: string) => string | null {
  switch (from) {
    case 'folder':
      return path => basename(dirname(resolve(path))) || null
    case 'name': {
      const expression = new RegExp(pattern!)
      return path => matchIn(expression, path)
    }
    default: {
      if (labels === null) {
        throw new AuscultError('AUSCULT_CONFIG', `classes.from: ${from} reads the column ${from} of a label file`, {
          at: 'input.labels',
          remedy: `Name a CSV with a line "file,label,${from}" and lines below it, or set classes.from: folder or name.`,
        })
      }
      const known = readKnown(labels, files)
      return path => known.get(path)?.[from] ?? null
    }
  }
}

function withoutClass(
  { from, pattern }: ClassesConfig,
  without: readonly string[],
  total: number,
  labels: string | null,
): AuscultError {
  const shown = without.slice(0, SHOWN).map(path => `\n  ${path}`)
  const more = without.length > SHOWN ? `\n  and ${without.length - SHOWN} more` : ''
  const have = without.length === 1 ? 'has' : 'have'
  const where = from === 'name' ? ` by the pattern ${pattern}` : ''
  const message = `${without.length} of ${counted(total, 'recording')} ${have} no class${where}:${shown.join('')}${more}`
  const remedy =
    from === 'name'
      ? 'Correct classes.pattern, or take these files out of input.paths.'
      : `Give them a line with a ${from} in the label file, or take them out of input.paths; classes.map: { name: null } leaves a class out.`
  return new AuscultError('AUSCULT_LABELS', message, {
    at: from === 'name' ? 'classes.pattern' : (labels ?? ''),
    remedy,
  })
}

function requireKnown(at: string, wanted: readonly string[], names: readonly string[]): void {
  const unknown = wanted.filter(name => !names.includes(name))
  if (unknown.length === 0) return
  const message = `there is no class ${listed(unknown)}; there are ${names.join(', ')}`
  throw new AuscultError('AUSCULT_CONFIG', message, { at, remedy: 'Correct the name, or remove it.' })
}

/** Each once, in the order that evaluation has too. */
const sortedNames = (names: readonly string[]): string[] =>
  [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : 1))

const listed = (names: readonly string[]) => names.map(name => `"${name}"`).join(', ')
