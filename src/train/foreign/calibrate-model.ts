import { createHash } from 'node:crypto'
import { basename, dirname, relative } from 'node:path'
import { writeBundle } from '../../model/bundle.ts'
import { clustersSchema } from '../../model/clusters/config.ts'
import { type DetectorWords, describeDetector } from '../../model/detectors/describe.ts'
import type { EngineOptions } from '../../model/engine.ts'
import { onnxruntimeVersion } from '../../model/engines/onnx.ts'
import { bundleBeside, manifestBeside } from '../../model/foreign/bundle-folder.ts'
import { type ForeignManifest, manifestBytes, readForeignManifest } from '../../model/foreign/manifest.ts'
import { type ForeignModel, readForeignModel } from '../../model/foreign/read.ts'
import { type Adapted, normalizationOfManifest, resolveModel } from '../../model/foreign/resolve.ts'
import { createFrontEnd, sampleRateOf } from '../../model/frontends/create.ts'
import { GOLDEN_TOLERANCE, type Manifest } from '../../model/manifest.ts'
import { mapFitSchema } from '../../model/map/config.ts'
import { resolveThreshold, thresholdSchema } from '../../model/threshold.ts'
import { type Progress, silentProgress } from '../../progress.ts'
import { VERSION } from '../../version.ts'
import { assess, bundlePartsOf, countClusters } from '../assess.ts'
import { draftScorer } from '../draft-scorer.ts'
import { checkDetector, fitBundleDetector } from '../fit-detector.ts'
import { requireReplaceable } from '../output.ts'
import { renderReport } from '../report/report.ts'
import { sampleWindows } from '../score-windows.ts'
import { featureView } from '../view.ts'
import { windowsOf } from '../windows.ts'
import { checkBehaviour } from './behaviour.ts'
import { type CalibrationData, calibrationData } from './recordings.ts'
import { calibrationReport } from './report.ts'

export interface CalibrateOptions {
  /** An .onnx file. */
  readonly model: string
  /** Folders, files or globs of recordings of normal operation. */
  readonly paths: readonly string[]
  /** Default: the YAML beside the model. */
  readonly manifest?: string
  /** Default: a folder beside the model, where `model:` of `auscult run` looks. */
  readonly output?: string
  readonly hopSeconds?: number
  readonly seed?: number
  readonly engine?: EngineOptions
  readonly progress?: Progress
}

/** What `auscult calibrate --json` prints. */
export interface CalibrateSummary {
  bundle: string
  /** What `auscult run` is given: the model where its bundle lies beside it. */
  run: { model: string } | { bundle: string }
  name: string
  recordings: number
  windows: number
  /** Of the features, as the model takes them. */
  layout: string
  latent: { name: string | null; size: number }
  /** What scores instead of the model's score or loss; null where nothing does. */
  detector: DetectorWords | null
  /** The model takes one item at a time, which costs time. */
  one_by_one: boolean
  /** By the default policy. */
  threshold: number
  clusters: number | null
  map: 'umap' | 'pca' | null
  device: string
  seconds: number
  warnings: string[]
}

/** Windows that the behaviour of a model is tried with. */
const TRIED = 3

/**
 * The whole of `auscult calibrate`: somebody else's model and recordings of normal operation to a bundle.
 * @throws AUSCULT_INPUT_…, AUSCULT_CONFIG, AUSCULT_BUNDLE, AUSCULT_NON_FINITE, AUSCULT_TRAINING, AUSCULT_DEVICE
 */
export async function calibrateModel(options: CalibrateOptions): Promise<CalibrateSummary> {
  const { model: file, paths, seed = 0, hopSeconds, progress = silentProgress } = options
  const startedAt = performance.now()
  const seconds = () => (performance.now() - startedAt) / 1000
  const engine = options.engine ?? { device: 'cpu', threads: 0 }
  const manifestFile = options.manifest ?? manifestBeside(file)
  const output = options.output ?? bundleBeside(file)
  try {
    requireReplaceable(output)
    const foreign = await readForeignModel(file)
    const wanted = readForeignManifest(manifestFile)
    const adapted = await resolveModel(foreign.model, wanted, manifestFile)
    const data = await calibrationData(paths, wanted, { at: manifestFile, hopSeconds, progress })
    const warnings = [...data.warnings, ...modelWarnings(adapted, wanted)]
    for (const warning of warnings) progress.line(`warning: ${warning}`)
    const score = wanted.score === 'error' ? undefined : wanted.score
    if (score) checkDetector(score, data)
    const described = describe(options, { foreign, wanted, adapted, data, manifestFile, seed, seconds: 0 })
    const plain = { manifest: { format: 1 as const, files: {}, ...described }, model: adapted.model }
    const device = await tryOut(plain, engine, data, file)
    const front = { front_end: wanted.front_end, seed }
    const detector = score && (await fitBundleDetector(plain, data, front, score, engine))
    const detectorOptions = detector && { ...detector.config }
    const draft = { ...plain, manifest: { ...plain.manifest, detector: detectorOptions }, detector }
    const view = featureView(wanted.front_end, createFrontEnd(wanted.front_end))
    const settings = { clusters: clustersSchema.parse(undefined), map: mapFitSchema.parse({}), seed }
    const assessed = await assess(
      draft,
      data,
      view,
      { ...settings, engine: { type: 'onnx', device: engine.device, threads: engine.threads } },
      progress,
    )
    for (const warning of assessed.study.warnings) progress.line(`warning: ${warning}`)
    warnings.push(...assessed.study.warnings)
    const { calibration } = assessed
    const training = { ...described.training, best_loss: calibration.mean, seconds: seconds() }
    const manifest = { ...described, training, detector: detectorOptions }
    const report = renderReport(
      calibrationReport({ manifest, adapted, assessed, data, view: view.view, warnings, device, detector }),
    )
    await writeBundle(output, { manifest, model: adapted.model, ...bundlePartsOf(assessed), detector, report })
    return {
      bundle: output,
      run: output === bundleBeside(file) ? { model: file } : { bundle: output },
      name: manifest.name,
      recordings: data.recordings.size,
      windows: data.windows,
      layout: adapted.layout,
      latent: { name: adapted.latent, size: adapted.latentSize },
      detector: detector ? describeDetector(detector) : null,
      one_by_one: adapted.oneByOne,
      threshold: resolveThreshold(calibration, thresholdSchema.parse({ policy: 'percentile' })),
      clusters: countClusters(assessed.study),
      map: assessed.study.map?.method ?? null,
      device,
      seconds: seconds(),
      warnings,
    }
  } finally {
    progress.close()
  }
}

function modelWarnings({ oneByOne, latentSize }: Adapted, { outputs, normalization }: ForeignManifest): string[] {
  const isPlain = normalization.offset.every(value => value === 0) && normalization.scale.every(value => value === 1)
  return [
    oneByOne && 'the model takes one item at a time: export it with a dynamic batch and it is faster',
    outputs.reconstruction === null && 'without a reconstruction nobody can say why a window is anomalous',
    latentSize > 512 && `a latent of ${latentSize} values makes clusters slow and blunt: name a narrower one`,
    isPlain && 'normalization changes nothing: right only if the model was trained on features as they are',
  ].filter(text => text !== false)
}

/** Scores a few windows this way and that. @returns the device that it ran on */
async function tryOut(
  draft: Parameters<typeof draftScorer>[0],
  engine: EngineOptions,
  data: CalibrationData,
  at: string,
): Promise<string> {
  const windows: Float32Array[] = []
  for await (const window of windowsOf(data, sampleWindows(data.split.calibration, TRIED))) windows.push(window.data)
  const scorer = await draftScorer(draft, engine)
  try {
    await checkBehaviour(scorer, windows, at)
    return scorer.device
  } finally {
    await scorer.close()
  }
}

interface Known {
  foreign: ForeignModel
  wanted: ForeignManifest
  adapted: Adapted
  data: CalibrationData
  manifestFile: string
  seed: number
  seconds: number
}

function describe(
  { model: file }: CalibrateOptions,
  { foreign, wanted, adapted, data, manifestFile, seed, seconds }: Known,
): Omit<Manifest, 'format' | 'files'> {
  const frontEnd = createFrontEnd(wanted.front_end)
  const { layout, oneByOne, latentSize } = adapted
  const { producerName, producerVersion } = foreign.model
  return {
    name: wanted.name ?? basename(file).replace(/\.onnx$/i, ''),
    created: new Date().toISOString(),
    auscult: VERSION,
    input: { ...data.format.format },
    front_end: { ...wanted.front_end },
    normalization: normalizationOfManifest(wanted),
    architecture: { type: 'foreign', layout, outputs: { ...wanted.outputs }, one_by_one: oneByOne },
    foreign: {
      model: basename(file),
      weights: [...foreign.external],
      model_sha256: foreign.sha256,
      manifest: relative(dirname(file), manifestFile),
      manifest_sha256: createHash('sha256').update(manifestBytes(manifestFile)).digest('hex'),
    },
    window: { shape: [...frontEnd.windowShape], sample_rate: sampleRateOf(wanted.front_end) },
    items: frontEnd.items,
    feature_shape: [...frontEnd.featureShape],
    latent_size: latentSize,
    score: wanted.loss,
    training: {
      files: data.recordings.size,
      windows: data.windows,
      held_out_files: data.recordings.size,
      epochs: 0,
      best_loss: 0,
      seed,
      seconds,
    },
    golden_tolerance: GOLDEN_TOLERANCE,
    libraries: {
      ...(producerName && { [producerName]: producerVersion ?? '' }),
      'onnxruntime-node': onnxruntimeVersion,
      node: process.versions.node,
    },
  }
}
