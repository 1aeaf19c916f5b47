import type { DetectorWords } from '../../model/detectors/describe.ts'
import type { EngineOptions } from '../../model/engine.ts'
import type { ThresholdPolicy } from '../../model/threshold.ts'
import type { Progress } from '../../progress.ts'
import type { Label } from '../labels.ts'
import type { PassedOver } from '../list-recordings.ts'
import type { Dropped } from '../scan.ts'
import type { ClusterEvaluation, ClusterOptions } from './clusters.ts'
import type { ComparedBundle } from './compare.ts'
import type { Figures } from './figures.ts'
import type { FractionBy, GroupFraction } from './fractions.ts'
import type { GroupedHistogram } from './histogram.ts'
import type { PrecisionCost } from './precisions.ts'
import type { Recognition } from './recognition.ts'

export interface EvaluateOptions {
  bundle: string
  /** Folders, files or globs; empty: the recordings that the label file names. */
  paths?: readonly string[]
  /** CSV of `file,label` or `file,label,class`; without it there are scores but no metrics. */
  labels?: string
  threshold?: ThresholdPolicy
  /** What is scored: a recording by the mean or maximum over its windows, or each window with its recording's label. */
  per?: 'file' | 'window'
  aggregate?: 'mean' | 'max'
  /** Seconds between windows; default: their length. */
  hopSeconds?: number | null
  /** Of the partial ROC-AUC, and at which anomalous items are counted for a fraction. */
  maxFpr?: number
  clusters?: ClusterOptions
  /** Estimates the anomalous share of the recordings without a label: of all, or of each class or folder. */
  fraction?: FractionBy
  /** Bundles that judge the same recordings, to be compared with the first. */
  compare?: readonly string[]
  /** A regular expression that finds in a recording's path which machine it is of; default: the column `machine` of the labels. */
  machine?: string
  /** HTML file to write. */
  report?: string
  /** Of clusters, bootstraps and intervals. */
  seed?: number
  engine?: EngineOptions
  /** Also scores everything at each precision, and times that. The rest of the evaluation is in that of `engine`. */
  comparePrecisions?: boolean
  progress?: Progress
}

/** A recording or window with its score. */
export interface Scored {
  file: string
  /** Seconds, or the frame's number, at which a window begins; null for a whole recording. */
  at: number | null
  score: number
  /** −1 above the threshold, else 1. */
  label: Label
  /** What the label file says; null where it says nothing. */
  truth: Label | null
  /** Of the label file: its class, else `normal` or `anomalous` by its label; null where it says nothing. */
  class: string | null
  /** Null where it is not known. */
  machine: string | null
  /** Null without `clusters`. */
  cluster: number | null
  /** The class of the largest mean probability, and that; null where the model tells no classes apart. */
  predicted: string | null
  probability: number | null
}

/** What `auscult evaluate --json` prints. Metrics are null where one of the classes is absent. */
export interface Evaluation extends Figures {
  bundle: string
  name: string
  per: 'file' | 'window'
  /** What `at` counts. */
  unit: 'second' | 'frame'
  aggregate: 'mean' | 'max'
  threshold: { value: number } & { policy: ThresholdPolicy }
  /** What scores instead of the error; null where nothing does. */
  detector: DetectorWords | null
  recordings: number
  windows: number
  /** Null where the model tells no classes apart. */
  recognition: Recognition | null
  clusters: ClusterEvaluation | null
  /** Of scores; those without a class are counted as `no class`, or as `all` where none has one. */
  histograms: { class: GroupedHistogram; cluster: GroupedHistogram | null }
  /** Null where it was not asked for. */
  fraction: GroupFraction[] | null
  /** What each precision costs; null where it was not asked for. */
  precisions: PrecisionCost[] | null
  /** In the order in which they were asked for. */
  compared: ComparedBundle[]
  flagged: Scored[]
  scores: Scored[]
  /** Too short for a window, or of another shape. */
  left_out: Dropped[]
  /** Files of folders that are no recordings. */
  passed_over: PassedOver
}
