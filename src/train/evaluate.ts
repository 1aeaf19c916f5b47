import { AuscultError } from '../errors.ts'
import { type Bundle, readBundle } from '../model/bundle.ts'
import { describeDetector } from '../model/detectors/describe.ts'
import { resolveThreshold, type ThresholdPolicy } from '../model/threshold.ts'
import { silentProgress } from '../progress.ts'
import { type ComparedBundle, differencesOf } from './evaluation/compare.ts'
import type { EvaluateOptions, Evaluation, Scored } from './evaluation/evaluation.ts'
import { figuresOf } from './evaluation/figures.ts'
import { evaluateFractions } from './evaluation/fractions.ts'
import { galleryOf } from './evaluation/gallery.ts'
import { scoreHistograms } from './evaluation/histogram.ts'
import { type Item, itemsOf } from './evaluation/items.ts'
import { machinePattern } from './evaluation/machines.ts'
import { measure } from './evaluation/measure.ts'
import type { PrecisionCost } from './evaluation/precisions.ts'
import { predictedOf, type Recognition, recognise } from './evaluation/recognition.ts'
import { reportOf } from './evaluation/report-data.ts'
import { ON_CPU, type ScannedFor, scanFor, scoreAll, scoreWith } from './evaluation/score-bundle.ts'
import { prepareReport, writeReport } from './evaluation-report/write.ts'
import { type Known, readKnown } from './labels.ts'
import type { ScoredWindow } from './score-windows.ts'

export type { EvaluateOptions, Evaluation, Scored } from './evaluation/evaluation.ts'

/**
 * The whole of `auscult evaluate`.
 * @throws AUSCULT_BUNDLE, AUSCULT_INPUT_…, AUSCULT_NON_FINITE, AUSCULT_LABELS, AUSCULT_OUTPUT, AUSCULT_USAGE when there is nothing to
 *   score or options do not fit each other
 */
export async function evaluateBundle(options: EvaluateOptions): Promise<Evaluation> {
  const { per = 'file', aggregate = 'mean', maxFpr = 0.1, seed = 0 } = options
  checkOptions(options)
  const machineAt = options.machine === undefined ? null : machinePattern(options.machine)
  const policy = options.threshold ?? { policy: 'percentile', value: 99.5 }
  const bundle = await readBundle(options.bundle)
  const others = await Promise.all((options.compare ?? []).map(readBundle))
  // What groups latents takes as long to load as all the rest.
  const grouping = options.clusters && (await import('./evaluation/clusters.ts'))
  grouping?.checkClusterOptions(options.clusters, bundle)
  if (options.report) await prepareReport(options.report)
  const scanned = await scanFor(bundle, options)
  const scannedByOthers: ScannedFor[] = []
  for (const other of others) scannedByOthers.push(await scanToCompare(other, options))
  const known = options.labels ? readKnown(options.labels, scanned.files) : new Map<string, Known>()
  if (machineAt) checkMachines(options.machine!, scanned.files.map(machineAt))
  const settings = { maxFpr, seed }
  const judgeWith = async (judge: Bundle, recordings: ScannedFor, of = ''): Promise<Judged> => {
    const threshold = resolveThreshold(judge.calibration, policy)
    const windows = await scoreWith(judge, recordings, options, of)
    const items = itemsOf(windows, per, aggregate)
    const rate = recordings.format.sampleRate
    const scores = items.map((item): Scored => {
      const { file, offset, score } = item
      const about = known.get(file)
      const at = offset === null || rate === null ? offset : offset / rate
      const machine = machineAt ? machineAt(file) : (about?.machine ?? null)
      const label = score > threshold ? -1 : 1
      const judged = { score, label, truth: about?.label ?? null, class: classOf(about) } as const
      return { file, at, ...judged, machine, cluster: null, ...predictedOf(item, judge.manifest) }
    })
    const recognition = recognise(
      scores.map(item => ({ ...item, known: known.get(item.file) })),
      judge.manifest,
    )
    const { length } = recordings.scan.recordings
    return { bundle: judge, policy, threshold, windows, items, scores, recognition, recordings: length }
  }
  const judged = await judgeWith(bundle, scanned, others.length ? ` with ${bundle.manifest.name}` : '')
  const { windows, items, threshold: value } = judged
  const classes = judged.scores.map(item => item.class)
  const clustered = grouping?.evaluateClusters({ items, threshold: value, classes }, options.clusters!, bundle, seed)
  const scores = clustered
    ? judged.scores.map((item, i) => ({ ...item, cluster: clustered.assigned[i] }))
    : judged.scores
  const compared: Judged[] = []
  for (const [i, other] of others.entries()) {
    compared.push(await judgeWith(other, scannedByOthers[i], ` with ${other.manifest.name}`))
  }
  const evaluation: Evaluation = {
    bundle: options.bundle,
    name: bundle.manifest.name,
    per,
    unit: scanned.format.sampleRate === null ? 'frame' : 'second',
    aggregate,
    threshold: { value, policy },
    detector: detectorOf(bundle),
    recordings: judged.recordings,
    windows: windows.length,
    recognition: judged.recognition,
    ...figuresOf(scores, value, settings),
    clusters: clustered?.report ?? null,
    histograms: {
      class: histogramOf(scores),
      cluster: clustered
        ? scoreHistograms(
            scores.map(({ score }) => score),
            clustered.assigned,
          )
        : null,
    },
    fraction: options.fraction
      ? evaluateFractions(scores, { by: options.fraction, maxFpr, threshold: options.threshold && value, seed })
      : null,
    precisions: options.comparePrecisions ? await precisionCosts(bundle, scanned, options, scores, value) : null,
    compared: comparedOf(judged, compared, settings),
    flagged: scores.filter(({ label }) => label === -1).sort((a, b) => b.score - a.score),
    scores,
    left_out: scanned.scan.dropped,
    passed_over: scanned.passedOver,
  }
  if (options.report) {
    const gallery = await galleryOf({ bundle, scanned, windows, scores, engine: options.engine ?? ON_CPU })
    await writeReport(options.report, reportOf(evaluation, items, bundle, gallery))
  }
  return evaluation
}

/** Says which bundle it is that cannot take the recordings. */
async function scanToCompare(bundle: Bundle, options: EvaluateOptions): Promise<ScannedFor> {
  try {
    return await scanFor(bundle, options)
  } catch (error) {
    if (!(error instanceof AuscultError)) throw error
    const { code, message, at, cause } = error
    throw new AuscultError(code, `${bundle.folder} cannot judge this: ${message}`, {
      at,
      remedy: 'Compare bundles of the same kind of recordings.',
      cause,
    })
  }
}

/** What a bundle makes of the recordings. */
interface Judged {
  readonly bundle: Bundle
  readonly policy: ThresholdPolicy
  readonly threshold: number
  readonly recordings: number
  readonly windows: readonly ScoredWindow[]
  readonly items: readonly Item[]
  readonly scores: Scored[]
  readonly recognition: Recognition | null
}

const detectorOf = ({ detector }: Bundle) => (detector ? describeDetector(detector) : null)

function comparedOf(first: Judged, others: readonly Judged[], settings: { maxFpr: number; seed: number }) {
  const differences = differencesOf(
    first.scores,
    others.map(({ scores }) => scores),
    settings,
  )
  return others.map(
    ({ bundle, policy, threshold, recordings, windows, scores, recognition }, i): ComparedBundle => ({
      bundle: bundle.folder,
      name: bundle.manifest.name,
      threshold: { value: threshold, policy },
      detector: detectorOf(bundle),
      recognition,
      recordings,
      windows: windows.length,
      ...figuresOf(scores, threshold, settings),
      histogram: histogramOf(scores),
      difference: differences[i],
    }),
  )
}

const histogramOf = (scores: readonly Scored[]) =>
  scoreHistograms(
    scores.map(({ score }) => score),
    groupsOrAll(scores.map(item => item.class)),
  )

/** The same items with the same labels at each precision. */
async function precisionCosts(
  bundle: Bundle,
  scanned: ScannedFor,
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
        const windows = await scoreAll(scorer, scanned, options, ` in ${precision}`)
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

function checkMachines(pattern: string, found: readonly (string | null)[]): void {
  if (found.some(machine => machine !== null)) return
  throw new AuscultError('AUSCULT_USAGE', `"${pattern}" is found in the path of no recording`, {
    at: '--machine',
    remedy: 'Leave it out and name machines in a column `machine` of the label file, or correct the pattern.',
  })
}
