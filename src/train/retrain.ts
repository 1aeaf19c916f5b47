import { messageOf } from '../errors.ts'
import { seeded } from '../random.ts'
import type { BatchOptions } from './feature-set.ts'
import type { TrainingProgram } from './program.ts'
import { type BatchSource, type TrainerOptions, trainNetwork } from './trainer.ts'

/** What one retraining came to. */
export interface BootstrapRun {
  seed: number
  /** Mean loss of the training batches in the best epoch; null where it failed. */
  train_loss: number | null
  /** Null where it failed, and without a validation set. */
  validation_loss: number | null
  epochs: number
  /** Why it failed. */
  error: string | null
}

export interface Spread {
  mean: number
  /** With n − 1; null of a single value. */
  deviation: number | null
}

/** How much the loss depends on which fragments were learned from, and on the seed. */
export interface Bootstrap {
  runs: BootstrapRun[]
  /** Null where no run ended well. */
  train_loss: Spread | null
  validation_loss: Spread | null
}

/** A training set of which windows can be taken several times or not at all. */
export interface ResampledSource extends BatchSource {
  readonly windows: number
  batches(size: number, options?: BatchOptions): ReturnType<BatchSource['batches']>
}

export interface BootstrapOptions {
  /** Retrainings. */
  n: number
  data: { train: ResampledSource; validation: BatchSource | null }
  training: TrainerOptions
  /** First weights of a seed. */
  createProgram: (seed: number) => Promise<TrainingProgram>
  signal?: AbortSignal
  onEpoch?: (run: number, epoch: number) => void
}

/**
 * Retrains on as many windows as there are, drawn with replacement (Efron, 1979), each time with a seed of its own: `seed + 1` to
 * `seed + n`. Normalisation and the validation set stay the same. A run that fails is listed; an abort ends the series.
 */
export async function bootstrapLosses(options: BootstrapOptions): Promise<Bootstrap> {
  const { n, training, signal } = options
  const runs: BootstrapRun[] = []
  for (let i = 1; i <= n && !signal?.aborted; i++) {
    const run = await retrain(options, training.seed + i, epoch => options.onEpoch?.(i, epoch))
    if (run) runs.push(run)
  }
  const spread = (values: (number | null)[]) => spreadOf(values.filter(value => value !== null))
  return {
    runs,
    train_loss: spread(runs.map(run => run.train_loss)),
    validation_loss: spread(runs.map(run => run.validation_loss)),
  }
}

/** @returns null where it was cut short, which says nothing */
async function retrain(
  { data, training, createProgram, signal }: BootstrapOptions,
  seed: number,
  onEpoch: (epoch: number) => void,
): Promise<BootstrapRun | null> {
  const program = await createProgram(seed)
  try {
    const resampled = { train: resample(data.train, seed), validation: data.validation }
    const options = { ...training, seed, checkpoint: null, resume: false }
    const hooks = { signal, onEpoch: ({ epoch }: { epoch: number }) => onEpoch(epoch) }
    const result = await trainNetwork(program, resampled, options, hooks)
    if (result.ended === 'interrupted') return null
    const best = result.history[result.bestEpoch - 1]
    const { loss, validation_loss } = best
    return { seed, train_loss: loss, validation_loss, epochs: result.history.length, error: null }
  } catch (error) {
    if (signal?.aborted) return null
    return { seed, train_loss: null, validation_loss: null, epochs: 0, error: messageOf(error) }
  } finally {
    await program.release()
  }
}

/** As many windows, drawn with replacement. */
export function resample(source: ResampledSource, seed: number): BatchSource {
  const random = seeded(seed, DRAWS)
  const times = new Uint16Array(source.windows)
  for (let i = 0; i < source.windows; i++) times[random.integer(source.windows)]++
  return { items: source.items, batches: (size, options) => source.batches(size, { ...options, times }) }
}

/** Apart from the random numbers that shuffle the epochs of the same seed. */
const DRAWS = 0x626f6f74

export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null }
}
