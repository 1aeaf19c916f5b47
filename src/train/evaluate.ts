import { checkConfig } from '../config.ts'
import { AuscultError } from '../errors.ts'
import { inputFormatSchema } from '../ingest/format.ts'
import { type Bundle, readBundle } from '../model/bundle.ts'
import { loadScorer } from '../model/bundle-scorer.ts'
import type { EngineOptions } from '../model/engine.ts'
import type { Scorer } from '../model/scorer.ts'
import { resolveThreshold } from '../model/threshold.ts'
import { silentProgress } from '../progress.ts'
import type { EvaluateOptions, Evaluation, Scored } from './evaluation/evaluation.ts'
import { evaluateFractions } from './evaluation/fractions.ts'
import { scoreHistograms } from './evaluation/histogram.ts'
import { itemsOf } from './evaluation/items.ts'
import { measure } from './evaluation/measure.ts'
import type { PrecisionCost } from './evaluation/precisions.ts'
import { reportOf } from './evaluation/report-data.ts'
import { prepareReport, writeReport } from './evaluation-report/write.ts'
import { type Known, labelledFiles, readKnown } from './labels.ts'
import { listRecordings } from './list-recordings.ts'
import { reportDevice } from './report-device.ts'
import { type Dropped, type Scan, scanRecordings } from './scan.ts'
import { type ScoredWindow, scoreWindows, wholeRecording } from './score-windows.ts'
import type { WindowFormat } from './windows.ts'

export type { EvaluateOptions, Evaluation, Scored } from './evaluation/evaluation.ts'

/**
 * The whole of `auscult evaluate`.
 * @throws AUSCULT_BUNDLE, AUSCULT_INPUT_…, AUSCULT_NON_FINITE, AUSCULT_LABELS, AUSCULT_OUTPUT, AUSCULT_USAGE when there is nothing to
 *   score or options do not fit each other
 */
export async function evaluateBundle(options: EvaluateOptions): Promise<Evaluation> {
  const { per = 'file', aggregate = 'mean', maxFpr = 0.1, seed = 0 } = options
  checkOptions(options)
  const policy = options.threshold ?? { policy: 'percentile', value: 99.5 }
  const bundle = await readBundle(options.bundle)
  // What groups latents takes as long to load as all the rest.
  const grouping = options.clusters && (await import('./evaluation/clusters.ts'))
  grouping?.checkClusterOptions(options.clusters, bundle)
  if (options.report) await prepareReport(options.report)
  const value = resolveThreshold(bundle.calibration, policy)
  const format = bundleFormat(bundle)
  const { files, passedOver } = await recordingsOf(options, format)
  const known = options.labels ? readKnown(options.labels, files) : new Map<string, Known>()
  const scan = await scanRecordings(files, {
    ...format,
    otherLength: 'drop',
    expectedSeconds: null,
    fragments: { position: 'fixed', per_file: null, hop_seconds: options.hopSeconds ?? null },
    dropConstant: false,
    seed: 0,
  })
  if (scan.recordings.length === 0) throw nothingToScore(scan.dropped)
  const windows = await scored(scan, options, format)
  const items = itemsOf(windows, per, aggregate)
  const classes = items.map(({ file }) => classOf(known.get(file)))
  const judged = { items, threshold: value, classes }
  const clustered = grouping?.evaluateClusters(judged, options.clusters!, bundle, seed)
  const rate = format.sampleRate
  const scores = items.map(({ file, offset, score }, i): Scored => {
    const label = score > value ? -1 : 1
    const truth = known.get(file)?.label ?? null
    const at = offset === null || rate === null ? offset : offset / rate
    return { file, at, score, label, truth, class: classes[i], cluster: clustered ? clustered.assigned[i] : null }
  })
  const plain = scores.map(({ score }) => score)
  const evaluation: Evaluation = {
    bundle: options.bundle,
    name: bundle.manifest.name,
    per,
    unit: rate === null ? 'frame' : 'second',
    aggregate,
    threshold: { value, policy },
    recordings: scan.recordings.length,
    windows: windows.length,
    ...measure(scores, value, maxFpr),
    clusters: clustered?.report ?? null,
    histograms: {
      class: scoreHistograms(plain, groupsOrAll(classes)),
      cluster: clustered ? scoreHistograms(plain, clustered.assigned) : null,
    },
    fraction: options.fraction
      ? evaluateFractions(scores, { by: options.fraction, maxFpr, threshold: options.threshold && value, seed })
      : null,
    precisions: options.comparePrecisions ? await precisionCosts(bundle, scan, options, scores, value) : null,
    flagged: scores.filter(({ label }) => label === -1).sort((a, b) => b.score - a.score),
    scores,
    left_out: scan.dropped,
    passed_over: passedOver,
  }
  if (options.report) await writeReport(options.report, reportOf(evaluation, items, bundle))
  return evaluation
}

/** In the place of latents that nobody asked for. */
const NO_LATENT = new Float32Array(0)

async function scored(scan: Scan, options: EvaluateOptions, format: WindowFormat): Promise<ScoredWindow[]> {
  const { progress = silentProgress } = options
  const engine = options.engine ?? ON_CPU
  const scorer = await loadScorer(options.bundle, engine)
  try {
    reportDevice(progress, engine.device, scorer)
    return await scoreAll(scorer, scan, options, format)
  } finally {
    progress.close()
    await scorer.close()
  }
}

async function scoreAll(scorer: Scorer, scan: Scan, options: EvaluateOptions, format: WindowFormat, of = '') {
  const { progress = silentProgress } = options
  const windows: ScoredWindow[] = []
  const recordings = new Map(scan.recordings.map(recording => [recording.path, recording]))
  const total = scan.recordings.reduce((sum, { offsets }) => sum + offsets.length, 0)
  const details = [`${scan.recordings.length} recordings`]
  const keepsLatents = Boolean(options.clusters || options.report)
  for await (const window of scoreWindows(scorer, recordings, scan.recordings.map(wholeRecording), format)) {
    windows.push(keepsLatents ? window : { ...window, latent: NO_LATENT })
    progress.update({ title: `scoring${of}`, done: windows.length, total, details })
  }
  return windows
}

const ON_CPU: EngineOptions = { device: 'cpu', threads: 0 }

/** The same items with the same labels at each precision. */
async function precisionCosts(
  bundle: Bundle,
  scan: Scan,
  options: EvaluateOptions,
  items: readonly Scored[],
  threshold: number,
): Promise<PrecisionCost[]> {
  const { per = 'file', aggregate, maxFpr = 0.1, engine = ON_CPU, progress = silentProgress } = options
  const { comparePrecisions } = await import('./evaluation/precisions.ts')
  try {
    return await comparePrecisions({
      bundle,
      engine,
      threshold,
      score: async (scorer, precision) => {
        const windows = await scoreAll(scorer, scan, options, bundleFormat(bundle), ` in ${precision}`)
        const scores = itemsOf(windows, per, aggregate).map(({ score }) => score)
        const judged = scores.map((score, i) => ({ score, truth: items[i].truth }))
        return { scores, ...measure(judged, threshold, maxFpr) }
      },
    })
  } finally {
    progress.close()
  }
}

/** The class of a recording; where the label file names none, what its label says. */
function classOf(known: Known | undefined): string | null {
  if (!known) return null
  return known.class ?? (known.label === 1 ? 'normal' : 'anomalous')
}

/** Items without a class are a group of their own; it is the only one where none has a class. */
const groupsOrAll = (classes: readonly (string | null)[]): string[] => {
  const rest = classes.some(word => word !== null) ? 'no class' : 'all'
  return classes.map(word => word ?? rest)
}

function checkOptions({ fraction, labels }: EvaluateOptions): void {
  if (fraction && !labels) {
    throw new AuscultError('AUSCULT_USAGE', 'a fraction needs recordings that are known to be normal', {
      at: '--fraction',
      remedy: 'Give --labels with at least 30 recordings labelled 1 that trained nothing.',
    })
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
