import { hasDecoder, hasOwnLoss } from '../model/architectures/without-decoder.ts'
import { Exemplars } from '../model/clusters/exemplars.ts'
import { describeDetector } from '../model/detectors/describe.ts'
import type { DetectorFile } from '../model/detectors/detector-file.ts'
import type { Calibration } from '../model/manifest.ts'
import { resolveThreshold, thresholdSchema } from '../model/threshold.ts'
import { formatDuration } from '../progress.ts'
import type { Assessment } from './assess.ts'
import type { TrainConfig } from './config.ts'
import type { LatentSample, LatentStudy } from './latents-protocol.ts'
import { partialRocAuc, rocAuc } from './metrics.ts'
import type { Prepared } from './prepare.ts'
import { formatNumber } from './report/axis.ts'
import { detectorRows } from './report/detector-rows.ts'
import type { View } from './report/example.ts'
import type { LatentsView } from './report/latents.ts'
import type { Mark } from './report/plot.ts'
import type { ReportData } from './report/report.ts'
import type { Bootstrap } from './retrain.ts'
import { ENDED } from './train-progress.ts'
import type { TrainingResult } from './trainer.ts'

export interface ReportInput {
  config: TrainConfig
  data: Prepared
  result: TrainingResult
  assessment: Assessment
  view: View
  device: string
  bootstrap: Bootstrap | null
  /** What scores windows, where the error does not. */
  detector?: DetectorFile
  /** Of training itself. */
  warnings: readonly string[]
}

/** Gathers what the report shows. */
export function reportData(input: ReportInput & { created: string; seconds: number }): ReportData {
  const { config, data, result, assessment, view, created, seconds } = input
  const { calibration, heldOut, examples, sample, study, precision } = assessment
  const groups = { normal: [] as number[], anomalous: [] as number[] }
  for (const { path, score } of heldOut) groups[data.labels.get(path) === -1 ? 'anomalous' : 'normal'].push(score)
  const labelled = groups.normal.length > 0 && groups.anomalous.length > 0
  const truth = heldOut.map(({ path }) => data.labels.get(path) === -1)
  const scores = heldOut.map(({ score }) => score)
  const { split, train, validation } = data
  const isComputed = result.ended === 'computed'
  const { type } = config.architecture
  return {
    name: config.name,
    created: created.replace('T', ' ').replace(/\..*/, ' UTC'),
    summary: [
      ['Recordings trained on', String(split.train.length)],
      ['Held out', `${split.validation.length} validation, ${split.calibration.length} calibration`],
      ['Windows trained on', String(train.windows)],
      ['Held-out windows', `${validation?.windows ?? 0} validation, ${calibration.count} calibration`],
      ['Front end', config.front_end.type],
      ['Architecture', type],
      ...(input.detector ? detectorRows(describeDetector(input.detector)) : []),
      [
        'Epochs',
        isComputed ? 'none: nothing is trained by gradients' : `${result.history.length} (${ENDED[result.ended]})`,
      ],
      ['Best loss', formatNumber(result.bestLoss) + (hasOwnLoss(type) ? '' : ` (${config.training.loss})`)],
      ['Seed', String(config.seed)],
      ['Time', `${formatDuration(seconds)} on ${input.device}`],
      ...(labelled
        ? ([
            ['ROC-AUC, held-out windows', rocAuc(truth, scores).toFixed(4)],
            ['Partial ROC-AUC (FPR ≤ 0.1)', partialRocAuc(truth, scores).toFixed(4)],
          ] as const)
        : []),
    ],
    history: isComputed ? [] : result.history,
    bestEpoch: result.bestEpoch,
    scores: labelled
      ? [
          { name: 'normal', values: groups.normal },
          { name: 'anomalous', values: groups.anomalous },
        ]
      : [{ name: 'held out', values: scores }],
    thresholds: thresholdMarks(calibration),
    latents: latentsView(sample, study),
    view,
    examples,
    expectsMean: !hasDecoder(type),
    precision,
    bootstrap: input.bootstrap ?? undefined,
    warnings: [...data.warnings, ...input.warnings, ...study.warnings],
    dropped: data.scan.dropped,
  }
}

/** Where the usual policies lie. */
export const thresholdMarks = (calibration: Calibration): Mark[] => [
  { label: '99.5th percentile', value: resolveThreshold(calibration, thresholdSchema.parse({ policy: 'percentile' })) },
  { label: 'gamma 0.999', value: resolveThreshold(calibration, thresholdSchema.parse({ policy: 'gamma' })) },
]

export function latentsView(
  { scores }: LatentSample,
  { map, clusters, assigned }: LatentStudy,
): LatentsView | undefined {
  if (!clusters) return undefined
  const kept = Exemplars.restore(clusters.exemplars).snapshot()
  const exemplars = new Map(kept.map(({ id, central }) => [id, central.map(({ window }) => window)]))
  return { map, assigned, scores, clustering: clusters.config.method, exemplars }
}
