import { AuscultError } from '../../errors.ts'
import { bootstrapMeasures, type MeasureIntervals } from '../bootstrap-measures.ts'
import { harmonicMean } from '../harmonic-mean.ts'
import type { Label } from '../labels.ts'
import { matchIn } from '../path-pattern.ts'
import { filesOf, labelledOf, type Measures, measure } from './measure.ts'

/** The figures of one machine. Ranking measures are null where one of both labels is absent. */
export interface MachineFigures
  extends Pick<Measures, 'normal' | 'anomalous' | 'roc_auc' | 'partial_roc_auc' | 'average_precision'> {
  machine: string
  intervals: MeasureIntervals | null
}

/** How scores rank within each machine, where their levels do not matter. */
export interface MachinesEvaluation {
  machines: MachineFigures[]
  /** Over the machines that have both labels; null where none has. */
  mean_roc_auc: number | null
  mean_partial_roc_auc: number | null
  /** Of the ROC-AUC and the partial one of each machine: the official score of DCASE Task 2 since 2021. */
  harmonic_mean: number | null
  /** The machine of the lowest ROC-AUC. */
  worst: string | null
  /** Labelled items of no machine. */
  without: number
}

/** What is needed of an item. */
export interface MachineItem {
  readonly file: string
  readonly score: number
  readonly truth: Label | null
  readonly machine: string | null
}

/** @returns null where no item has a machine */
export function evaluateMachines(
  items: readonly MachineItem[],
  threshold: number,
  { maxFpr, seed }: { maxFpr: number; seed: number },
): MachinesEvaluation | null {
  const labelled = items.filter(({ truth }) => truth !== null)
  const names = [...new Set(labelled.flatMap(({ machine }) => machine ?? []))].sort(byName)
  if (names.length === 0) return null
  const machines = names.map((machine): MachineFigures => {
    const own = labelled.filter(item => item.machine === machine)
    const { normal, anomalous, roc_auc, partial_roc_auc, average_precision } = measure(own, threshold, maxFpr)
    const figures = { machine, normal, anomalous, roc_auc, partial_roc_auc, average_precision }
    if (roc_auc === null) return { ...figures, intervals: null }
    const { truth, values } = labelledOf(own)
    const { intervals } = bootstrapMeasures([{ anomalous: truth, scores: values, units: filesOf(own) }], {
      maxFpr,
      seed,
    })
    return { ...figures, intervals: intervals[0] }
  })
  const ranked = machines.filter(({ roc_auc }) => roc_auc !== null)
  const [areas, parts] = [ranked.map(own => own.roc_auc!), ranked.map(own => own.partial_roc_auc!)]
  return {
    machines,
    mean_roc_auc: mean(areas),
    mean_partial_roc_auc: mean(parts),
    harmonic_mean: ranked.length ? harmonicMean([...areas, ...parts]) : null,
    worst: ranked.length ? ranked[areas.indexOf(Math.min(...areas))].machine : null,
    without: labelled.filter(({ machine }) => machine === null).length,
  }
}

/**
 * Finds the machine of a recording in its path: what the first group of the pattern matches, or all of it.
 * @throws AUSCULT_USAGE for what is no regular expression
 */
export function machinePattern(text: string): (path: string) => string | null {
  let pattern: RegExp
  try {
    pattern = new RegExp(text)
  } catch (cause) {
    throw new AuscultError('AUSCULT_USAGE', `"${text}" is no regular expression`, {
      at: '--machine',
      remedy: "Write for example --machine 'id_\\d+', for files such as normal_id_01_00000003.wav.",
      cause,
    })
  }
  return path => matchIn(pattern, path)
}

const mean = (values: readonly number[]): number | null =>
  values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null

const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })
