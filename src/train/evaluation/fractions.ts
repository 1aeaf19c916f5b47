import { basename, dirname, relative, sep } from 'node:path'
import { AuscultError } from '../../errors.ts'
import { estimateFraction, type Fraction } from '../fraction.ts'
import type { Label } from '../labels.ts'

/** How unlabelled items are divided into sets that are estimated side by side. */
export type FractionBy = 'all' | 'class' | 'folder'

/** The anomalous share of one set of unlabelled items. */
export interface GroupFraction extends Fraction {
  /** The class or folder; null for all of them, and for items without a class. */
  group: string | null
}

export interface FractionItem {
  readonly file: string
  readonly score: number
  readonly truth: Label | null
  readonly class: string | null
}

/** Of the estimates. */
export interface FractionSettings {
  by: FractionBy
  maxFpr: number
  /** Only where one is asked for: the false positive rate alone sets it otherwise. */
  threshold?: number
  seed: number
}

/**
 * The anomalous share of the items without a label; those labelled 1 measure the false positive rate.
 * @throws AUSCULT_LABELS with fewer than 30 normal items, no unlabelled ones, or none with a class where that is asked for
 */
export function evaluateFractions(
  items: readonly FractionItem[],
  { by, ...settings }: FractionSettings,
): GroupFraction[] {
  const normal = items.filter(({ truth }) => truth === 1)
  const asked = items.filter(({ truth }) => truth === null)
  if (by === 'class' && asked.length > 0 && asked.every(item => item.class === null)) {
    throw new AuscultError('AUSCULT_LABELS', 'no unlabelled recording has a class', {
      at: '--fraction-by class',
      remedy: 'Name the sets in the label file, with the label left empty: file,,class. Or take --fraction-by folder.',
    })
  }
  const folders = by === 'folder' ? foldersOf(asked.map(({ file }) => file)) : new Map<string, string>()
  const nameOf = ({ file, class: word }: FractionItem) =>
    by === 'all' ? null : by === 'class' ? word : folders.get(dirname(file))!
  const groups = new Map<string | null, FractionItem[]>()
  for (const item of asked) {
    const own = groups.get(nameOf(item))
    if (own) own.push(item)
    else groups.set(nameOf(item), [item])
  }
  if (asked.length === 0) groups.set(null, [])
  return [...groups]
    .sort(([a], [b]) => compare(a, b))
    .map(([group, unlabelled]) => {
      const recordings = { normal: filesOf(normal), unlabelled: filesOf(unlabelled) }
      const sets = { normal: scoresOf(normal), unlabelled: scoresOf(unlabelled), recordings }
      return { group, ...estimateFraction({ ...sets, ...settings }) }
    })
}

const filesOf = (items: readonly FractionItem[]) => items.map(({ file }) => file)
const scoresOf = (items: readonly FractionItem[]) => items.map(({ score }) => score)

/** By name, numbers by size, those without a class last. */
const compare = (a: string | null, b: string | null): number =>
  a === null || b === null ? Number(a === null) - Number(b === null) : a.localeCompare(b, 'en', { numeric: true })

/** Short names of folders: their path from the folder that holds them all, or the last part of the only one. */
function foldersOf(files: readonly string[]): Map<string, string> {
  const folders = [...new Set(files.map(file => dirname(file)))].sort()
  if (folders.length === 1) return new Map([[folders[0], basename(folders[0]) || folders[0]]])
  const common = folders.reduce((a, b) => {
    const [left, right] = [a.split(sep), b.split(sep)]
    const differs = left.findIndex((part, i) => part !== right[i])
    return differs < 0 ? a : left.slice(0, differs).join(sep)
  })
  return new Map(folders.map(folder => [folder, relative(common || sep, folder) || '.']))
}
