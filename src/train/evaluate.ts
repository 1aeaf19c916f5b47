import { checkConfig } from '../config.ts'
import { AuscultError } from '../errors.ts'
import { inputFormatSchema } from '../ingest/format.ts'
import { type Bundle, readBundle } from '../model/bundle.ts'
import { loadScorer } from '../model/bundle-scorer.ts'
import type { EngineOptions } from '../model/engine.ts'
import { resolveThreshold, type ThresholdPolicy } from '../model/threshold.ts'
import { type Progress, silentProgress } from '../progress.ts'
import { type Label, labelledFiles, readLabels } from './labels.ts'
import { listRecordings, type PassedOver } from './list-recordings.ts'
import { averagePrecision, type Confusion, confusion, partialRocAuc, rocAuc } from './metrics.ts'
import { type Dropped, type ScannedRecording, scanRecordings } from './scan.ts'
import { scoreWindows, wholeRecording } from './score-windows.ts'
import type { WindowFormat } from './windows.ts'

export interface EvaluateOptions {
  bundle: string
  /** Folders, files or globs; empty: the recordings that the label file names. */
  paths?: readonly string[]
  /** CSV of `file,label`; without it there are scores but no metrics. */
  labels?: string
  threshold?: ThresholdPolicy
  /** What is scored: a recording by the mean or maximum over its windows, or each window with its recording's label. */
  per?: 'file' | 'window'
  aggregate?: 'mean' | 'max'
  /** Seconds between windows; default: their length. */
  hopSeconds?: number | null
  maxFpr?: number
  engine?: EngineOptions
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
}

/** What `auscult evaluate --json` prints. Metrics are null where one of the classes is absent. */
export interface Evaluation {
  bundle: string
  name: string
  per: 'file' | 'window'
  /** What `at` counts. */
  unit: 'second' | 'frame'
  aggregate: 'mean' | 'max'
  threshold: { value: number } & { policy: ThresholdPolicy }
  recordings: number
  windows: number
  normal: number
  anomalous: number
  unlabelled: number
  roc_auc: number | null
  partial_roc_auc: number | null
  max_fpr: number
  average_precision: number | null
  confusion: Confusion | null
  flagged: Scored[]
  scores: Scored[]
  /** Too short for a window, or of another shape. */
  left_out: Dropped[]
  /** Files of folders that are no recordings. */
  passed_over: PassedOver
}

/**
 * The whole of `auscult evaluate`.
 * @throws AUSCULT_BUNDLE, AUSCULT_INPUT_…, AUSCULT_NON_FINITE, AUSCULT_LABELS, AUSCULT_USAGE when there is nothing to score
 */
export async function evaluateBundle(options: EvaluateOptions): Promise<Evaluation> {
  const { per = 'file', aggregate = 'mean', maxFpr = 0.1, progress = silentProgress } = options
  const policy = options.threshold ?? { policy: 'percentile', value: 99.5 }
  const bundle = await readBundle(options.bundle)
  const value = resolveThreshold(bundle.calibration, policy)
  const format = bundleFormat(bundle)
  const { files, passedOver } = await recordingsOf(options, format)
  const labels = options.labels ? readLabels(options.labels, files) : new Map<string, Label>()
  const scan = await scanRecordings(files, {
    ...format,
    otherLength: 'drop',
    expectedSeconds: null,
    fragments: { position: 'fixed', per_file: null, hop_seconds: options.hopSeconds ?? null },
    dropConstant: false,
    seed: 0,
  })
  if (scan.recordings.length === 0) throw nothingToScore(scan.dropped)
  const scorer = await loadScorer(options.bundle, options.engine ?? { device: 'cpu', threads: 0 })
  try {
    const windows: { file: string; offset: number; score: number }[] = []
    const recordings = new Map(scan.recordings.map(recording => [recording.path, recording]))
    const total = scan.recordings.reduce((sum, { offsets }) => sum + offsets.length, 0)
    const portions = scan.recordings.map(wholeRecording)
    for await (const { path, offset, score } of scoreWindows(scorer, recordings, portions, format)) {
      windows.push({ file: path, offset, score })
      progress.update({ title: 'scoring', done: windows.length, total, details: [`${files.length} recordings`] })
    }
    const rate = format.sampleRate
    const judged = (file: string, at: number | null, score: number): Scored => ({
      file,
      at,
      score,
      label: score > value ? -1 : 1,
      truth: labels.get(file) ?? null,
    })
    const scores =
      per === 'window'
        ? windows.map(({ file, offset, score }) => judged(file, rate === null ? offset : offset / rate, score))
        : aggregated(windows, scan.recordings, aggregate).map(({ file, score }) => judged(file, null, score))
    return {
      bundle: options.bundle,
      name: bundle.manifest.name,
      per,
      unit: rate === null ? 'frame' : 'second',
      aggregate,
      threshold: { value, policy },
      recordings: scan.recordings.length,
      windows: windows.length,
      ...measure(scores, value, maxFpr),
      flagged: scores.filter(({ label }) => label === -1).sort((a, b) => b.score - a.score),
      scores,
      left_out: scan.dropped,
      passed_over: passedOver,
    }
  } finally {
    progress.close()
    await scorer.close()
  }
}

/** How a bundle's recordings are read. */
export function bundleFormat({ folder, manifest }: Bundle): WindowFormat {
  return {
    format: checkConfig(manifest.input ?? {}, inputFormatSchema, `${folder}: input`),
    windowShape: manifest.window.shape,
    sampleRate: manifest.window.sample_rate,
  }
}

async function recordingsOf({ paths = [], labels }: EvaluateOptions, { format }: WindowFormat) {
  if (paths.length > 0) return listRecordings(paths, { format: format.format, labels })
  if (labels) return { files: labelledFiles(labels), passedOver: {} }
  throw new AuscultError('AUSCULT_USAGE', 'there is nothing to evaluate', {
    remedy: 'Give recordings, or --labels with a file that names them.',
  })
}

function nothingToScore([{ path, reason }, ...others]: readonly Dropped[]): AuscultError {
  const more = others.length ? ` (and ${others.length} more)` : ''
  return new AuscultError('AUSCULT_INPUT_SHAPE', `no recording holds a window of this model: ${reason}${more}`, {
    at: path,
    remedy: 'Give recordings of the kind and length that the model was trained on.',
  })
}

function aggregated(
  windows: readonly { file: string; score: number }[],
  recordings: readonly ScannedRecording[],
  aggregate: 'mean' | 'max',
): { file: string; score: number }[] {
  const byFile = new Map<string, number[]>(recordings.map(({ path }) => [path, []]))
  for (const { file, score } of windows) byFile.get(file)!.push(score)
  return [...byFile].map(([file, scores]) => {
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
    return { file, score: aggregate === 'mean' ? mean : scores.reduce((a, b) => Math.max(a, b)) }
  })
}

function measure(scores: readonly Scored[], threshold: number, maxFpr: number) {
  const labelled = scores.filter(({ truth }) => truth !== null)
  const truth = labelled.map(item => item.truth === -1)
  const values = labelled.map(({ score }) => score)
  const anomalous = truth.filter(Boolean).length
  const normal = truth.length - anomalous
  const both = normal > 0 && anomalous > 0
  return {
    normal,
    anomalous,
    unlabelled: scores.length - labelled.length,
    roc_auc: both ? rocAuc(truth, values) : null,
    partial_roc_auc: both ? partialRocAuc(truth, values, maxFpr) : null,
    max_fpr: maxFpr,
    average_precision: both ? averagePrecision(truth, values) : null,
    confusion: labelled.length ? confusion(truth, values, threshold) : null,
  }
}
