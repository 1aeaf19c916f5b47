import { bootstrapMeasures, type MeasureIntervals } from '../bootstrap-measures.ts'
import type { ClassificationReport } from '../classification.ts'
import { type OperatingCurve, operatingCurve } from '../metrics.ts'
import { type ClassDecisions, classifyItems, decisionsByClass } from './classes.ts'
import type { Scored } from './evaluation.ts'
import { evaluateMachines, type MachinesEvaluation } from './machines.ts'
import { filesOf, labelledOf, type Measures, measure } from './measure.ts'

/** How well one bundle judges labelled items. */
export interface Figures extends Measures {
  /** Bootstrap intervals of the ranking measures; null where one of both labels is absent. */
  intervals: ({ confidence: number; replicates: number } & MeasureIntervals) | null
  /** ROC and precision–recall curves in one; null where one of both labels is absent. */
  curve: OperatingCurve | null
  /** Precision, recall and F1 of normal and anomalous at the threshold; null without labels. */
  classification: ClassificationReport | null
  classes: ClassDecisions[]
  /** Null where it is not known which machine was recorded. */
  machines: MachinesEvaluation | null
}

export function figuresOf(
  items: readonly Scored[],
  threshold: number,
  settings: { maxFpr: number; seed: number },
): Figures {
  const measures = measure(items, threshold, settings.maxFpr)
  const { labelled, truth, values } = labelledOf(items)
  const isRanked = measures.roc_auc !== null
  return {
    ...measures,
    intervals: isRanked ? intervalsOf({ anomalous: truth, scores: values, units: filesOf(labelled) }, settings) : null,
    curve: isRanked ? operatingCurve(truth, values) : null,
    classification: classifyItems(items),
    classes: decisionsByClass(items),
    machines: evaluateMachines(items, threshold, settings),
  }
}

function intervalsOf(
  items: Parameters<typeof bootstrapMeasures>[0][number],
  settings: { maxFpr: number; seed: number },
) {
  const { confidence, replicates, intervals } = bootstrapMeasures([items], settings)
  return { confidence, replicates, ...intervals[0] }
}
