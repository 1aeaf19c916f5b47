import { AuscultError } from '../errors.ts'
import { needsClasses } from '../model/architectures/supervised.ts'
import { type Assigned, type Classes, classNames, classWeights } from './classes.ts'
import type { ClassesConfig } from './classes-config.ts'
import type { TrainConfig } from './config.ts'
import type { Split } from './split.ts'
import { splitClasses } from './split-classes.ts'

/** @throws AUSCULT_CONFIG when an architecture that needs classes has none, or one has them that does not */
export function checkClasses(type: string, classes: ClassesConfig | undefined): void {
  if (needsClasses(type) === (classes !== undefined)) return
  const [message, remedy] = classes
    ? [
        `${type} learns without classes`,
        'Remove the section, or choose an architecture that learns to tell classes apart.',
      ]
    : [
        `${type} learns to tell classes apart, and nothing says which class a recording is of`,
        'Add for example `classes: { from: folder }`; from: class and machine read input.labels, from: name a pattern.',
      ]
  throw new AuscultError('AUSCULT_CONFIG', message, { at: 'classes', remedy })
}

/**
 * The classes of the recordings that are used, and how these are split.
 * @throws AUSCULT_TRAINING, AUSCULT_CONFIG as classNames and classWeights do
 */
export function splitByClass(
  options: { classes: ClassesConfig; split: TrainConfig['split'] },
  assigned: Assigned['classes'],
  recordings: readonly { path: string; windows: number }[],
): { split: Split; classes: Classes } {
  const paths = recordings.map(({ path }) => path)
  const names = classNames(assigned, paths)
  const indexOf = new Map(names.map((name, index) => [name, index]))
  const of = (path: string) => indexOf.get(assigned.get(path)!)!
  const split = splitClasses(recordings, paths.map(of), options.split)
  const windows = names.map(() => 0)
  for (const { path, from, to } of split.train) windows[of(path)] += to - from
  const weights = classWeights(options.classes, names, windows)
  const validated = new Set(split.validation.map(({ path }) => of(path)))
  const absent = names.filter((_, index) => !validated.has(index))
  if (options.split.validation === 0 || absent.length === 0) return { split, classes: { names, weights, of } }
  const warning = `only two recordings are of class ${absent.join(', ')}: none of them validates`
  return { split: { ...split, warning }, classes: { names, weights, of } }
}
