import { bootstrapMeasures, type MeasureIntervals, type RankedItems } from '../bootstrap-measures.ts'
import type { Evaluation, Scored } from './evaluation.ts'
import type { Figures } from './figures.ts'
import type { GroupedHistogram } from './histogram.ts'
import { filesOf, labelledOf } from './measure.ts'

/** Another bundle, judged by the same recordings. */
export interface ComparedBundle
  extends Figures,
    Pick<Evaluation, 'bundle' | 'name' | 'threshold' | 'detector' | 'windows' | 'recognition'> {
  recordings: number
  histogram: GroupedHistogram
  /**
   * Intervals of its measures less those of the first bundle, drawn together; null where one of both labels is absent, or one bundle
   * leaves out recordings that the other scores. An interval on one side of 0 tells the two apart.
   */
  difference: MeasureIntervals | null
}

/** @param first of the bundle that others are compared with */
export function differencesOf(
  first: readonly Scored[],
  others: readonly (readonly Scored[])[],
  settings: { maxFpr: number; seed: number },
): (MeasureIntervals | null)[] {
  const sets = [first, ...others].map(rankedItems)
  const known = unitsOf(sets[0])
  const isRanked = sets[0].anomalous.includes(true) && sets[0].anomalous.includes(false)
  const alike = sets.map(set => isRanked && unitsOf(set) === known)
  const { differences } = isRanked
    ? bootstrapMeasures(
        sets.filter((_, i) => alike[i]),
        settings,
      )
    : { differences: [] }
  const remaining = differences.values()
  return alike.map(isAlike => (isAlike ? remaining.next().value! : null)).slice(1)
}

function rankedItems(items: readonly Scored[]): RankedItems {
  const { labelled, truth, values } = labelledOf(items)
  return { anomalous: truth, scores: values, units: filesOf(labelled) }
}

const unitsOf = ({ units }: RankedItems): string => [...new Set(units)].sort().join('\n')
