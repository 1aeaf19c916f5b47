import type { Manifest } from '../../model/manifest.ts'
import { type ClassificationReport, classificationReport } from '../classification.ts'
import type { Known } from '../labels.ts'
import type { Item } from './items.ts'

/** How a model that tells classes apart recognised items. */
export interface Recognition {
  /** Those that the model knows, in its order. */
  classes: string[]
  /** Of the items whose class the model knows, with the classes that they are or were called; null where there are none. */
  report: ClassificationReport | null
  /** Items that were called so, whatever is known of them. */
  called: Record<string, number>
  /** Items of which the label file gives no class. */
  without_class: number
  /** Items of classes that the model does not know, by what the label file calls them. */
  unknown: Record<string, number>
}

/** What an item was taken for. */
export interface Predicted {
  /** That of the largest mean probability; null where the model tells no classes apart. */
  readonly predicted: string | null
  /** The mean probability of it over the item's windows. */
  readonly probability: number | null
}

export function predictedOf({ probabilities }: Item, { classes }: Manifest): Predicted {
  if (!probabilities || !classes) return { predicted: null, probability: null }
  const best = probabilities.reduce((best, value, i) => (value > probabilities[best] ? i : best), 0)
  return { predicted: classes[best], probability: probabilities[best] }
}

interface Recognised {
  readonly predicted: string | null
  readonly machine: string | null
  readonly known: Known | undefined
}

/** @returns null for a model that tells no classes apart */
export function recognise(
  items: readonly Recognised[],
  { classes, class_map: map = {} }: Manifest,
): Recognition | null {
  if (!classes) return null
  const called = Object.fromEntries(classes.map(name => [name, 0]))
  const unknown: Record<string, number> = {}
  const truth: string[] = []
  const predicted: string[] = []
  let without = 0
  for (const item of items) {
    const name = item.predicted!
    called[name]++
    const word = item.known?.class ?? null
    const expected = [word, item.machine].map(own => nameIn(classes, map, own)).find(own => own !== undefined)
    if (expected !== undefined) {
      truth.push(expected)
      predicted.push(name)
    } else if (word === null) without++
    else unknown[word] = (unknown[word] ?? 0) + 1
  }
  const occurring = new Set([...truth, ...predicted])
  const order = classes.filter(name => occurring.has(name))
  const report = truth.length > 0 ? classificationReport(truth, predicted, order) : null
  return { classes: [...classes], report, called, without_class: without, unknown }
}

/** What the model calls a class of the label file; undefined where it does not know it. */
function nameIn(
  classes: readonly string[],
  map: Readonly<Record<string, string | null>>,
  word: string | null,
): string | undefined {
  if (word === null) return undefined
  const name = Object.hasOwn(map, word) ? map[word] : word
  return name !== null && classes.includes(name) ? name : undefined
}
