import { setImmediate as turn } from 'node:timers/promises'
import { AuscultError } from '../errors.ts'
import { type EpochRecord, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { Divergence, isFiniteState, requireFinite } from './divergence.ts'
import type { Batch } from './feature-set.ts'
import type { State, TrainingProgram } from './program.ts'
import { advanceSchedule, type ScheduleOptions, startSchedule } from './schedule.ts'
import { takeSteps } from './take-steps.ts'

/** What the trainer needs of a FeatureSet. */
export interface BatchSource {
  readonly items: number
  batches(
    size: number,
    options?: { shuffle?: { seed: number; epoch: number }; dropRemainder?: boolean },
  ): AsyncIterable<Batch>
}

export interface TrainerData {
  train: BatchSource
  validation: BatchSource | null
}

export interface TrainerOptions extends ScheduleOptions {
  batch_size: number
  epochs: number
  seed: number
  /** Where a checkpoint is written after each epoch; null: nowhere. */
  checkpoint: string | null
  configHash: string
  resume: boolean
}

export interface StepReport {
  /** From 1. */
  epoch: number
  step: number
  steps: number
  /** Mean of the epoch so far. */
  loss: number
  samplesPerSecond: number
  /** Until the last epoch would end. */
  secondsLeft: number
}

export interface TrainerHooks {
  /** Ends the epoch at once; what was learned is kept. */
  signal?: AbortSignal
  onStep?(report: StepReport): void
  onEpoch?(record: EpochRecord, isBest: boolean): void
}

export interface TrainingResult {
  history: EpochRecord[]
  bestEpoch: number
  /** Validation loss of the best epoch; training loss where there is no validation set. */
  bestLoss: number
  ended: 'epochs' | 'early-stopping' | 'interrupted' | 'diverged'
  /** Where the loss stopped being a number; null unless training ended by that. */
  divergence: Divergence | null
}

/** Training gives way to timers and signals this often. */
const TURN_MS = 50

/**
 * Runs epochs until they are used up, the loss stands still, or the signal aborts; leaves the weights of the best epoch in the program.
 * An aborted epoch counts for the weights but not for the checkpoint, so that resuming gives what an unbroken run would have given.
 * An epoch in which the loss diverges counts for neither.
 * @throws AUSCULT_TRAINING when the loss is not finite in the first epoch, or it is aborted before the first step; AUSCULT_CONFIG when the checkpoint to
 *   resume from belongs to another configuration; what readCheckpoint and writeCheckpoint throw
 */
export async function trainNetwork(
  program: TrainingProgram,
  data: TrainerData,
  options: TrainerOptions,
  hooks: TrainerHooks = {},
): Promise<TrainingResult> {
  const { signal } = hooks
  let { schedule, history, best, stopped } = options.resume ? resume(program, options) : await fresh(program, options)
  const pace = startPace(data.train, options)
  let interrupted = false
  let divergence: Divergence | null = null
  while (history.length < options.epochs && !stopped && !interrupted) {
    const epoch = history.length + 1
    const startedAt = performance.now()
    const learningRate = schedule.learningRate
    const run = { epoch, learningRate, options, pace, hooks }
    const tried = await unlessDiverged(() => tryEpoch(program, data, run))
    if (tried instanceof Divergence) {
      if (history.length === 0) throw tried
      divergence = tried
      break
    }
    const { loss, steps, validationLoss, state } = tried
    interrupted = signal?.aborted ?? false
    if (steps === 0) break
    const seconds = (performance.now() - startedAt) / 1000
    const record = { epoch, loss, validation_loss: validationLoss, learning_rate: learningRate, seconds }
    history = [...history, record]
    const advanced = advanceSchedule(schedule, validationLoss ?? loss, options)
    schedule = advanced.state
    if (advanced.improved) best = { epoch, state }
    stopped = advanced.stop
    if (options.checkpoint && !interrupted) {
      const { checkpoint, configHash } = options
      await writeCheckpoint(checkpoint, {
        configHash,
        schedule,
        history,
        bestEpoch: best.epoch,
        state,
        best: best.state,
      })
    }
    hooks.onEpoch?.(record, advanced.improved)
  }
  if (history.length === 0) {
    throw new AuscultError('AUSCULT_TRAINING', 'interrupted before the first step: nothing was learned')
  }
  program.restore(best.state)
  const ended = divergence ? 'diverged' : interrupted ? 'interrupted' : stopped ? 'early-stopping' : 'epochs'
  return { history, bestEpoch: best.epoch, bestLoss: schedule.bestLoss, ended, divergence }
}

async function unlessDiverged<T>(run: () => Promise<T>): Promise<T | Divergence> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof Divergence) return error
    throw error
  }
}

/** An epoch and what it came to. The last step of an epoch may be the one that ruins the weights: no loss has seen them yet. */
async function tryEpoch(program: TrainingProgram, data: TrainerData, run: EpochRun) {
  const { epoch, learningRate, options } = run
  const { loss, steps } = await runEpoch(program, data.train, run)
  const validationLoss =
    data.validation && steps > 0 ? await evaluate(program, data.validation, options, epoch, learningRate) : null
  const state = await program.snapshot()
  if (!isFiniteState(state)) throw new Divergence('weights became infinite', `the end of epoch ${epoch}`, learningRate)
  return { loss, steps, validationLoss, state }
}

async function fresh(program: TrainingProgram, options: TrainerOptions) {
  const best: { epoch: number; state: State } = { epoch: 0, state: await program.snapshot() }
  return { schedule: startSchedule(options.learning_rate), history: [] as EpochRecord[], best, stopped: false }
}

function resume(program: TrainingProgram, options: TrainerOptions): Awaited<ReturnType<typeof fresh>> {
  const checkpoint = readCheckpoint(options.checkpoint ?? '')
  if (checkpoint.configHash !== options.configHash) {
    throw new AuscultError('AUSCULT_CONFIG', 'the checkpoint was made from other recordings or another configuration', {
      at: options.checkpoint ?? undefined,
      remedy: 'Restore them (epochs, early_stopping, engine and names may differ), or train without --resume.',
    })
  }
  program.restore(checkpoint.state)
  const { schedule, history, bestEpoch, best } = checkpoint
  const stale = schedule.stopping.stale
  const { patience } = options.early_stopping
  return { schedule, history, best: { epoch: bestEpoch, state: best }, stopped: patience > 0 && stale >= patience }
}

interface EpochRun {
  epoch: number
  learningRate: number
  options: TrainerOptions
  pace: Pace
  hooks: TrainerHooks
}

async function runEpoch(program: TrainingProgram, train: BatchSource, run: EpochRun) {
  const { epoch, learningRate, options, pace, hooks } = run
  let sum = 0
  let items = 0
  let steps = 0
  let turnedAt = performance.now()
  const shuffle = { seed: options.seed, epoch }
  const batches = train.batches(options.batch_size, { shuffle, dropRemainder: true })
  for await (const taken of takeSteps(program, untilAborted(batches, hooks.signal), learningRate)) {
    for (const { loss, n } of taken) {
      steps++
      requireFinite(loss, `epoch ${epoch}, step ${steps}`, learningRate)
      sum += loss * n
      items += n
      hooks.onStep?.({ epoch, step: steps, loss: sum / items, ...pace(n, epoch, steps) })
    }
    if (performance.now() - turnedAt > TURN_MS) {
      await turn()
      turnedAt = performance.now()
    }
  }
  await turn()
  return { loss: sum / items, steps }
}

async function* untilAborted(batches: AsyncIterable<Batch>, signal: AbortSignal | undefined): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    if (signal?.aborted) return
    yield batch
  }
}

async function evaluate(
  program: TrainingProgram,
  data: BatchSource,
  options: TrainerOptions,
  epoch: number,
  learningRate: number,
) {
  let sum = 0
  for await (const { items, n } of data.batches(options.batch_size)) sum += n * (await program.evaluate(items, n))
  const loss = sum / data.items
  requireFinite(loss, `validation after epoch ${epoch}`, learningRate)
  return loss
}

type Pace = (items: number, epoch: number, step: number) => Omit<StepReport, 'epoch' | 'step' | 'loss'>

/** Counts from the second step on, since the first may compile. */
function startPace(train: BatchSource, options: TrainerOptions): Pace {
  const steps = Math.max(1, Math.floor(train.items / options.batch_size))
  let startedAt: number | undefined
  let done = 0
  return (items, epoch, step) => {
    if (startedAt === undefined) {
      startedAt = performance.now()
      return { steps, samplesPerSecond: 0, secondsLeft: 0 }
    }
    done += items
    const perSecond = done / Math.max(1e-9, (performance.now() - startedAt) / 1000)
    const left = ((options.epochs - epoch) * steps + steps - step) * options.batch_size
    return { steps, samplesPerSecond: perSecond, secondsLeft: left / perSecond }
  }
}
