import { AuscultError } from '../errors.ts'
import { type Progress, silentProgress } from '../progress.ts'
import { engineOf, type TrainConfig } from './config.ts'
import { Divergence, requireFinite } from './divergence.ts'
import { lossBounds } from './loss-bounds.ts'
import { modelContext } from './model-context.ts'
import { checkTrainConfig, prepareData } from './prepare.ts'
import { createTrainingProgram, type TrainingProgram } from './program.ts'
import { formatNumber } from './report/axis.ts'
import { withTrainingDefaults } from './training-defaults.ts'

/** What `auscult train --overfit-one-batch --json` prints. */
export interface Overfit {
  /** `learns`: the loss came nearer to the least one than a tenth of where a constant is; `stuck`: it did not; `diverged`: it became NaN. */
  verdict: 'learns' | 'stuck' | 'diverged'
  /** Items of the batch. */
  items: number
  steps: number
  /** Before the first step. */
  first_loss: number | null
  last_loss: number | null
  /** Of the best constant: the mean (median for mae) of each feature over the batch, which no network needs to learn. */
  constant_loss: number
  /** Of the batch itself: 0, but for bce. */
  least_loss: number
  learning_rate: number
  seconds: number
  /** What to try, where it does not learn. */
  advice: string[]
}

/** Architectures whose first loss is no reconstruction error: that it falls does not say that they learn. */
const OTHER_LOSSES: ReadonlySet<string> = new Set([
  'none',
  'pca',
  'deep-svdd',
  'f-anogan',
  'alad',
  'lstm-classifier',
  'id-embedding',
])

const STEPS = 1000
const SECONDS = 120
/** Below this share of the way from the least loss to that of a constant the network has learned the batch by heart. */
const LEARNED = 0.1
/** It need not go on below this one. */
const ENOUGH = 0.01

/**
 * Trains on one batch over and over and writes nothing. A network that cannot learn a handful of examples by heart cannot learn many: the
 * configuration is wrong, or the network too small. The rate stays as it is set.
 * @throws as runTraining does before its first step; AUSCULT_CONFIG for architectures that do not begin with reconstructing
 */
export async function overfitOneBatch(
  options: TrainConfig,
  { signal, progress = silentProgress }: { signal?: AbortSignal; progress?: Progress } = {},
): Promise<Overfit> {
  const config = withTrainingDefaults(options)
  try {
    checkTrainConfig(config)
    requireReconstruction(config)
    const data = await prepareData(config, progress, signal)
    const { training, seed } = config
    const batchSize = Math.min(training.batch_size, data.train.items)
    const { value: batch } = await data.train.batches(batchSize, { shuffle: { seed, epoch: 1 } }).next()
    const items = (batch.items as Float32Array).slice()
    const program = await createTrainingProgram({
      ...(await modelContext(config, data)),
      architecture: withoutPrior(config.architecture),
      optimizer: training.optimizer,
      batchSize,
      seed,
      engine: engineOf(config.engine),
    })
    try {
      const bounds = lossBounds(items, batchSize, training.loss)
      const rate = training.learning_rate
      return await overfit(program, { items, n: batchSize, ...bounds, rate, signal, progress })
    } finally {
      await program.release()
    }
  } finally {
    progress.close()
  }
}

function requireReconstruction({ architecture }: TrainConfig): void {
  const { type } = architecture
  if (!OTHER_LOSSES.has(type) || (type === 'deep-svdd' && architecture.pretrain)) return
  throw new AuscultError(
    'AUSCULT_CONFIG',
    `${type} does not begin with reconstructing, so it has no batch to learn by heart`,
    {
      at: 'architecture.type',
      remedy: 'Train it for a few epochs, and look at the losses in report.html.',
    },
  )
}

/** A prior on latents keeps a loss above that of what is learned by heart. */
const withoutPrior = (architecture: TrainConfig['architecture']): TrainConfig['architecture'] =>
  architecture.type === 'vae' ? { ...architecture, beta: 0 } : architecture

interface OverfitRun {
  items: Float32Array
  n: number
  constant: number
  least: number
  rate: number
  signal?: AbortSignal
  progress: Progress
}

/** @internal */
export async function overfit(program: TrainingProgram, run: OverfitRun): Promise<Overfit> {
  const { items, n, constant, least, rate, signal, progress } = run
  const startedAt = performance.now()
  const seconds = () => (performance.now() - startedAt) / 1000
  const losses: number[] = []
  // A constant says all of a single item: there the loss at first is what is to fall.
  const shareLeft = () => (losses[losses.length - 1] - least) / ((constant > least ? constant : losses[0]) - least)
  let diverged: string[] = []
  try {
    while (losses.length < STEPS && seconds() < SECONDS && !signal?.aborted) {
      const loss = await program.step(items, n, rate)
      requireFinite(loss, `step ${losses.length + 1}`, rate)
      losses.push(loss)
      const details = [`loss ${formatNumber(loss)}`]
      progress.update({ title: 'one batch', done: losses.length, total: STEPS, details })
      if (shareLeft() < ENOUGH) break
    }
  } catch (error) {
    if (!(error instanceof Divergence)) throw error
    diverged = [`${error.at}: ${error.message}`, `Lower training.learning_rate: ${rate} is too much.`]
  }
  const last = losses.at(-1) ?? null
  const learns = last !== null && shareLeft() < LEARNED
  const verdict = diverged.length ? 'diverged' : learns ? 'learns' : 'stuck'
  return {
    verdict,
    items: n,
    steps: losses.length,
    first_loss: losses[0] ?? null,
    last_loss: last,
    constant_loss: constant,
    least_loss: least,
    learning_rate: rate,
    seconds: seconds(),
    advice: verdict === 'stuck' ? adviceOf(losses) : diverged,
  }
}

function adviceOf(losses: readonly number[]): string[] {
  const half = losses[losses.length >> 1]
  const stillFalls = losses[losses.length - 1] < 0.9 * half
  return [
    stillFalls
      ? 'The loss still falls: raise training.learning_rate.'
      : 'The loss stands still: give the network a larger latent or wider layers, or another training.learning_rate.',
    'Check front_end.normalization, and that the output activation can reach the features.',
  ]
}

/** What `auscult train --overfit-one-batch` prints. */
export function formatOverfit(result: Overfit): string {
  const { verdict, items, steps, first_loss, last_loss, constant_loss, learning_rate, advice } = result
  const words = {
    learns: 'the network learns this batch by heart',
    stuck: 'the network does not learn',
    diverged: 'training diverges',
  }
  const shown = (loss: number | null) => (loss === null ? '–' : formatNumber(loss))
  return [
    `verdict    ${words[verdict]}`,
    `batch      ${items} items, ${steps} steps at learning rate ${formatNumber(learning_rate)}`,
    `loss       ${shown(first_loss)} at first, ${shown(last_loss)} at last; a constant has ${shown(constant_loss)}`,
    ...advice.map(text => `try        ${text}`),
  ].join('\n')
}
