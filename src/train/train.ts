import { existsSync } from 'node:fs'
import { writeBundle } from '../model/bundle.ts'
import { checkK } from '../model/clusters/kmeans-fit.ts'
import { onnxruntimeVersion } from '../model/engines/onnx.ts'
import { GOLDEN_TOLERANCE, type Manifest } from '../model/manifest.ts'
import { versions as tfjsVersions } from '../model/tf.ts'
import { resolveThreshold, thresholdSchema } from '../model/threshold.ts'
import { type Progress, silentProgress } from '../progress.ts'
import { VERSION } from '../version.ts'
import { assess, bundlePartsOf, countClusters } from './assess.ts'
import { engineOf, type TrainConfig } from './config.ts'
import { checkDetector, fitBundleDetector } from './fit-detector.ts'
import { fitSpread } from './fit-spread.ts'
import type { PassedOver } from './list-recordings.ts'
import { modelContext } from './model-context.ts'
import { checkpointPath, chooseOutput } from './output.ts'
import { checkTrainConfig, type Prepared, prepareData } from './prepare.ts'
import { createTrainingProgram } from './program.ts'
import { renderReport } from './report/report.ts'
import { type ReportInput, reportData } from './report-data.ts'
import { reportDevice } from './report-device.ts'
import { type Bootstrap, bootstrapLosses } from './retrain.ts'
import { sampleWindows } from './score-windows.ts'
import { describeUntouched, ENDED, reportEpoch, reportRetraining, reportStep } from './train-progress.ts'
import { countEpochs, type TrainingResult, trainNetwork } from './trainer.ts'
import { withTrainingDefaults } from './training-defaults.ts'
import { bootstrapWarning, collapseWarning, divergenceWarning } from './training-warnings.ts'
import { featureView } from './view.ts'
import { countWindows } from './windows.ts'

export interface TrainCommand {
  /** Ends training after the current step; what was learned is still written, but replaces no bundle: see chooseOutput. */
  signal?: AbortSignal
  /** Goes on from the checkpoint beside the output folder. */
  resume?: boolean
  progress?: Progress
  /** Write a checkpoint after each epoch; default true. */
  checkpoint?: boolean
}

/** What `auscult train --json` prints. */
export interface TrainSummary {
  /** The folder that was written. */
  bundle: string
  /** The bundle at `output` that an interrupted run left as it was; null where there was none, or it was replaced. */
  untouched: string | null
  /** What --resume goes on from; null where no epoch has ended or none is kept. */
  checkpoint: string | null
  recordings: { train: number; validation: number; calibration: number; dropped: number; passed_over: PassedOver }
  windows: { train: number; validation: number; calibration: number }
  epochs: number
  best_epoch: number
  /** What chose the best epoch: the validation loss, or the training loss where there is no validation set. */
  best_loss: number
  /** Of the best epoch. */
  train_loss: number
  validation_loss: number | null
  ended: TrainingResult['ended']
  /** Null without `bootstrap:`. */
  bootstrap: Bootstrap | null
  /** By the default policy. */
  threshold: number
  /** Number of clusters that the sample of training latents fell into; null where none could be found. */
  clusters: number | null
  /** How latents were mapped; null where they were not. */
  map: 'umap' | 'pca' | null
  device: string
  seconds: number
  warnings: string[]
}

/**
 * The whole of `auscult train`: recordings to a bundle with its report. Nothing is written before the first epoch has ended, and the
 * bundle is whole or absent.
 * @throws AUSCULT_CONFIG, AUSCULT_SHAPE, AUSCULT_INPUT_…, AUSCULT_NON_FINITE, AUSCULT_LABELS, AUSCULT_TRAINING, AUSCULT_DEVICE
 */
export async function runTraining(
  options: TrainConfig,
  { signal, resume = false, progress = silentProgress, checkpoint = true }: TrainCommand = {},
): Promise<{ bundleFolder: string; summary: TrainSummary }> {
  const startedAt = performance.now()
  const config = withTrainingDefaults(options)
  try {
    checkTrainConfig(config)
    const data = await prepareData(config, progress, signal)
    checkClusters(config, data)
    const wanted = typeof config.score === 'string' ? undefined : config.score
    if (wanted) checkDetector(wanted, data)
    for (const warning of data.warnings) progress.line(`warning: ${warning}`)
    const { training, seed } = config
    const engine = engineOf(config.engine)
    const batchSize = Math.min(training.batch_size, data.train.items)
    const context = await modelContext(config, data)
    const createProgram = (seed: number) =>
      createTrainingProgram({
        ...context,
        architecture: config.architecture,
        optimizer: training.optimizer,
        batchSize,
        seed,
        engine,
      })
    const program = await createProgram(seed)
    try {
      reportDevice(progress, engine.device, program)
      const file = checkpoint ? checkpointPath(config.output) : null
      const options = {
        ...training,
        batch_size: batchSize,
        seed,
        checkpoint: file,
        configHash: data.configHash,
        resume,
      }
      const epochs = countEpochs(program.phases, training.epochs)
      const learns = program.phases.some(({ updates }) => updates.length > 0)
      const result = await trainNetwork(program, data, options, {
        signal,
        onStep: report => reportStep(progress, report),
        onEpoch: (record, isBest) => reportEpoch(progress, record, isBest, learns ? epochs : null),
      })
      const best = result.history[result.bestEpoch - 1]
      const n = isCutShort(result) ? 0 : config.bootstrap
      const onEpoch = (run: number, epoch: number) => reportRetraining(progress, { run, n, epoch }, epochs)
      const bootstrap = n ? await bootstrapLosses({ n, data, training: options, createProgram, signal, onEpoch }) : null
      const warnings = [...divergenceWarning(result), ...bootstrapWarning(bootstrap, n)]
      for (const warning of warnings) progress.line(`warning: ${warning}`)
      const seconds = () => (performance.now() - startedAt) / 1000
      const described = describeModel(config, data, result, program.latentSize, seconds())
      const model = await program.exportModel()
      const draftOf = (manifest: typeof described) => ({
        manifest: { format: 1 as const, files: {}, ...manifest },
        model,
      })
      const spread = config.score === 'residual' ? await fitSpread(draftOf(described), data, engine) : undefined
      const detector = wanted && (await fitBundleDetector(draftOf(described), data, config, wanted, engine))
      const manifest = { ...described, residual_spread: spread, detector: detector && { ...detector.config } }
      const draft = { ...draftOf(manifest), detector }
      const view = featureView(config.front_end, data.frontEnd)
      const assessment = await assess(draft, data, view, config, progress)
      const collapse = collapseWarning(config.architecture.type, assessment.sample, assessment.calibration)
      for (const warning of collapse) progress.line(`warning: ${warning}`)
      warnings.push(...collapse)
      const { device } = program
      const shown = { config, data, result, assessment, view: view.view, device, bootstrap, detector }
      const input: ReportInput = { ...shown, warnings }
      const report = renderReport(reportData({ ...input, created: manifest.created, seconds: seconds() }))
      const { calibration, study } = assessment
      for (const warning of study.warnings) progress.line(`warning: ${warning}`)
      const { folder, untouched } = chooseOutput(config.output, isCutShort(result))
      await writeBundle(folder, { manifest, model, ...bundlePartsOf(assessment), detector, report })
      const summary: TrainSummary = {
        bundle: folder,
        untouched,
        checkpoint: file && existsSync(file) ? file : null,
        recordings: {
          train: data.split.train.length,
          validation: data.split.validation.length,
          calibration: data.split.calibration.length,
          dropped: data.scan.dropped.length,
          passed_over: data.passedOver,
        },
        windows: {
          train: data.train.windows,
          validation: data.validation?.windows ?? 0,
          calibration: assessment.heldOut.length,
        },
        epochs: result.history.length,
        best_epoch: result.bestEpoch,
        best_loss: result.bestLoss,
        train_loss: best.loss,
        validation_loss: best.validation_loss,
        ended: result.ended,
        bootstrap,
        threshold: resolveThreshold(calibration, thresholdSchema.parse({ policy: 'percentile' })),
        clusters: countClusters(study),
        map: study.map?.method ?? null,
        device: program.device,
        seconds: seconds(),
        warnings: [...data.warnings, ...warnings, ...study.warnings],
      }
      if (untouched)
        progress.line(`${ENDED[result.ended]}: what was learned is in ${folder}; ${describeUntouched(summary)}`)
      return { bundleFolder: folder, summary }
    } finally {
      await program.release()
    }
  } finally {
    progress.close()
  }
}

/** Whether it learned less than it should have. */
const isCutShort = ({ ended }: TrainingResult): boolean => ended === 'interrupted' || ended === 'diverged'

/** Found before training, since it can be. @throws AUSCULT_CONFIG when more clusters are asked for than there are latents */
function checkClusters({ clusters, map }: TrainConfig, { split }: Prepared): void {
  if (!('k' in clusters)) return
  checkK(clusters.k, countWindows(sampleWindows(split.train, map.points)))
}

function describeModel(
  config: TrainConfig,
  data: Prepared,
  result: TrainingResult,
  latentSize: number,
  seconds: number,
): Omit<Manifest, 'format' | 'files'> {
  const { frontEnd, normalization, split } = data
  return {
    name: config.name,
    created: new Date().toISOString(),
    auscult: VERSION,
    input: { ...config.input.format },
    other_length: config.input.other_length,
    front_end: { ...config.front_end },
    normalization: { offset: [...normalization.offset], scale: [...normalization.scale] },
    architecture: { ...config.architecture },
    window: { shape: [...frontEnd.windowShape], sample_rate: data.format.sampleRate },
    items: frontEnd.items,
    feature_shape: [...frontEnd.featureShape],
    latent_size: latentSize,
    score: config.training.loss,
    ...(data.classes && { classes: [...data.classes.names], class_map: config.classes!.map }),
    training: {
      files: split.train.length,
      windows: data.train.windows,
      held_out_files: split.validation.length + split.calibration.length,
      epochs: result.history.length,
      best_loss: result.bestLoss,
      seed: config.seed,
      seconds,
    },
    golden_tolerance: GOLDEN_TOLERANCE,
    libraries: { ...tfjsVersions, 'onnxruntime-node': onnxruntimeVersion, node: process.versions.node },
  }
}
