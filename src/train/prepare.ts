import { createHash } from 'node:crypto'
import { AuscultError } from '../errors.ts'
import { checkArchitecture } from '../model/architectures/config.ts'
import { takesLengths } from '../model/architectures/supervised.ts'
import { hasDecoder } from '../model/architectures/without-decoder.ts'
import { createFrontEnd, normalizationOf, sampleRateOf } from '../model/frontends/create.ts'
import type { FrontEnd } from '../model/frontends/frontend.ts'
import { type Normalization, NormalizerFit } from '../model/normalizer.ts'
import type { Progress } from '../progress.ts'
import { calibrationWarning } from './calibrate.ts'
import { assignClasses, type Classes } from './classes.ts'
import type { TrainConfig } from './config.ts'
import { FeatureSet } from './feature-set.ts'
import { type Label, readLabels } from './labels.ts'
import { formatPassedOver, listRecordings, type PassedOver } from './list-recordings.ts'
import { requireReplaceable } from './output.ts'
import { checkClasses, splitByClass } from './prepare-classes.ts'
import { type Scan, type ScannedRecording, scanRecordings } from './scan.ts'
import { type Split, splitRecordings } from './split.ts'
import { countWindows, type WindowFormat, windowsOf } from './windows.ts'

/** Everything that training works on, read once and found good. */
export interface Prepared {
  frontEnd: FrontEnd
  format: WindowFormat
  passedOver: PassedOver
  scan: Scan
  recordings: ReadonlyMap<string, ScannedRecording>
  split: Split
  labels: ReadonlyMap<string, Label>
  /** Null where the configuration has none. */
  classes: Classes | null
  train: FeatureSet
  validation: FeatureSet | null
  normalization: Normalization
  warnings: string[]
  configHash: string
}

const reconstructsProbabilities = (architecture: TrainConfig['architecture']): boolean =>
  'output_activation' in architecture ? architecture.output_activation === 'sigmoid' : !hasDecoder(architecture.type)

/**
 * Checks what can be checked without reading recordings.
 * @throws AUSCULT_SHAPE when the layers do not fit the features; AUSCULT_CONFIG when bce cannot work, classes are missing or not needed, or
 *   the output folder holds something that is no bundle
 */
export function checkTrainConfig(config: TrainConfig): void {
  const { featureShape } = createFrontEnd(config.front_end)
  checkArchitecture(config.architecture, featureShape)
  checkFrames(config)
  checkClasses(config.architecture.type, config.classes)
  if (config.training.loss === 'bce') {
    const problems = [
      config.front_end.normalization === 'minmax' ? '' : 'front_end.normalization: minmax',
      reconstructsProbabilities(config.architecture) ? '' : 'architecture.output_activation: sigmoid',
    ].filter(Boolean)
    if (problems.length) {
      throw new AuscultError('AUSCULT_CONFIG', `bce compares numbers from 0 to 1; it needs ${problems.join(' and ')}`, {
        at: 'training.loss',
        remedy: `Set ${problems.join(' and ')}, or another loss.`,
      })
    }
  }
  requireReplaceable(config.output)
}

/** A stack that merely divides into so many pieces is not made of so many frames. */
function checkFrames({ architecture, front_end }: TrainConfig): void {
  if (architecture.type !== 'idnn' || !('stack' in front_end) || front_end.stack === null) return
  if (architecture.frames === front_end.stack) return
  const message = `idnn reads ${architecture.frames} frames, and front_end.stack makes stacks of ${front_end.stack}`
  const remedy = 'Set both to the same odd number.'
  throw new AuscultError('AUSCULT_SHAPE', message, { at: 'architecture.frames', remedy })
}

/** Lists, scans, splits and reads the recordings; fits the normalisation to the training part. */
export async function prepareData(config: TrainConfig, progress: Progress, signal?: AbortSignal): Promise<Prepared> {
  const frontEnd = createFrontEnd(config.front_end)
  const format = {
    format: config.input.format,
    windowShape: frontEnd.windowShape,
    sampleRate: sampleRateOf(config.front_end),
  }
  const { paths, labels: labelFile } = config.input
  const { files, passedOver } = await listRecordings(paths, { format: format.format.format, labels: labelFile })
  if (Object.keys(passedOver).length > 0) progress.line(`passed over ${formatPassedOver(passedOver)}`)
  const labels = labelFile === null ? new Map<string, Label>() : readLabels(labelFile, files)
  const options = {
    ...format,
    otherLength: config.input.other_length,
    expectedSeconds: config.input.expected_seconds,
    fragments: config.fragments,
    dropConstant: true,
    seed: config.seed,
  }
  const assigned = config.classes && assignClasses(config.classes, files, labelFile)
  const taken = assigned ? files.filter(path => assigned.classes.has(path)) : files
  const scan = await scanRecordings(taken, options, done =>
    progress.update({ title: 'opening recordings', done, total: taken.length }),
  )
  scan.dropped.push(...(assigned?.leftOut ?? []))
  if (scan.recordings.length === 0) throw nothingLeft(scan)
  const counted = scan.recordings.map(({ path, offsets }) => ({ path, windows: offsets.length }))
  const { split, classes } =
    assigned && config.classes
      ? splitByClass({ classes: config.classes, split: config.split }, assigned.classes, counted)
      : { split: splitRecordings(counted, config.split), classes: null }
  const recordings = new Map(scan.recordings.map(recording => [recording.path, recording]))
  const warnings = [
    ...scan.warnings,
    ...(split.warning ? [split.warning] : []),
    ...calibrationWarning(split.calibration),
    ...(classes ? [] : labelWarning(split, labels)),
  ]

  const memory = config.input.memory_mb * 2 ** 20
  const numberOf = (part: keyof Split) => countWindows(split[part] as Split['train'])
  const share = numberOf('train') / (numberOf('train') + numberOf('validation'))
  const set = (part: 'train' | 'validation', memoryBytes: number) =>
    new FeatureSet({
      portions: split[part],
      recordings,
      frontEnd,
      format,
      memoryBytes,
      classOf: classes?.of,
      cutPadding: takesLengths(config.architecture.type),
    })
  const train = set('train', memory * share)
  const validation = split.validation.length ? set('validation', memory * (1 - share)) : null

  const total = numberOf('train') + numberOf('validation') + numberOf('calibration')
  let done = 0
  const count = () => {
    if (signal?.aborted) throw new AuscultError('AUSCULT_TRAINING', 'interrupted before training began')
    progress.update({ title: 'computing features', done: ++done, total, details: [] })
  }
  const { method, length } = normalizationOf(config.front_end)
  const fit = new NormalizerFit(method, length)
  const varies = variation()
  await train.load(features => {
    fit.add(features)
    varies.add(features)
  }, count)
  if (!varies.found()) throw constantError(config.input.paths)
  await validation?.load(() => {}, count)
  // Held-out windows are only read here, so that bad input ends the command before training and not after it.
  for await (const _ of windowsOf({ recordings, format }, split.calibration)) count()
  const normalization = fit.finish()
  train.normalize(normalization)
  validation?.normalize(normalization)
  const configHash = hashOf(config, scan.recordings, classes)
  return {
    frontEnd,
    format,
    passedOver,
    scan,
    recordings,
    split,
    labels,
    classes,
    train,
    validation,
    normalization,
    warnings,
    configHash,
  }
}

/** Hash of what must be the same for a checkpoint to be gone on with. */
function hashOf(config: TrainConfig, recordings: readonly ScannedRecording[], classes: Classes | null): string {
  const { front_end, fragments, architecture, split, seed, training } = config
  const { loss, optimizer, learning_rate, batch_size, reduce_on_plateau } = training
  const options = { front_end, fragments, architecture, split, seed, loss, optimizer, learning_rate, batch_size }
  const windows = recordings.map(({ path, offsets }) => [path, offsets.length])
  const told = classes
    ? { names: classes.names, weights: classes.weights, of: recordings.map(({ path }) => classes.of(path)) }
    : undefined
  return createHash('sha256').update(JSON.stringify({ options, reduce_on_plateau, windows, told })).digest('hex')
}

function variation() {
  let first: number | undefined
  let found = false
  return {
    add(features: Float32Array) {
      first ??= features[0]
      found ||= features.some(value => value !== first)
    },
    found: () => found,
  }
}

function labelWarning(split: Split, labels: ReadonlyMap<string, Label>): string[] {
  const anomalous = [...split.train, ...split.validation].filter(({ path }) => labels.get(path) === -1)
  if (anomalous.length === 0) return []
  const files = new Set(anomalous.map(({ path }) => path))
  return [`${files.size} of the recordings trained on are labelled anomalous; remove them from input.paths`]
}

function nothingLeft({ dropped }: Scan): AuscultError {
  const reasons = dropped.slice(0, 5).map(({ path, reason }) => `\n  ${path}: ${reason}`)
  const more = dropped.length > 5 ? `\n  and ${dropped.length - 5} more` : ''
  return new AuscultError('AUSCULT_TRAINING', `no recording can be trained on:${reasons.join('')}${more}`, {
    at: 'input.paths',
    remedy: 'Give recordings of a running machine that hold at least one window; or set input.other_length: pad.',
  })
}

const constantError = (paths: readonly string[]) =>
  new AuscultError('AUSCULT_TRAINING', 'every value of every training window is the same: there is nothing to learn', {
    at: paths.join(', '),
    remedy: 'Check the recordings: a silent or dead sensor gives such data.',
  })
