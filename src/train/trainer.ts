import { AuscultError } from '../errors.ts'
import { type EpochRecord, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { Divergence, isFiniteState } from './divergence.ts'
import { type BatchSource, type EpochRun, meanLossOf, runEpoch, type StepReport, startPace } from './epoch.ts'
import type { State, TrainingProgram } from './program.ts'
import { sampleItems } from './sample-items.ts'
import { advanceSchedule, type ScheduleOptions, type ScheduleState, startSchedule } from './schedule.ts'

export type { BatchSource, StepReport } from './epoch.ts'

export interface TrainerData {
  train: BatchSource
  validation: BatchSource | null
}

export interface TrainerOptions extends ScheduleOptions {
  batch_size: number
  /** Of each phase that does not say how many. */
  epochs: number
  seed: number
  /** Where a checkpoint is written after each epoch; null: nowhere. */
  checkpoint: string | null
  configHash: string
  resume: boolean
}

export interface TrainerHooks {
  /** Ends the epoch at once; what was learned is kept. */
  signal?: AbortSignal
  onStep?(report: StepReport): void
  onEpoch?(record: EpochRecord, isBest: boolean): void
}

export interface TrainingResult {
  /** Of all phases. */
  history: EpochRecord[]
  /** The epoch whose weights were kept, of the last phase that began. */
  bestEpoch: number
  /** Validation loss of that epoch; training loss where there is no validation set. */
  bestLoss: number
  ended: 'epochs' | 'computed' | 'early-stopping' | 'interrupted' | 'diverged'
  /** Where the loss stopped being a number; null unless training ended by that. */
  divergence: Divergence | null
}

/** Where training is. */
interface Course {
  /** Index of the phase. */
  phase: number
  schedule: ScheduleState
  history: EpochRecord[]
  /** Of the phase. */
  best: { epoch: number; loss: number; state: State }
  stopped: boolean
}

/** Epochs of all phases, at most. */
export const countEpochs = (phases: TrainingProgram['phases'], epochs: number): number =>
  phases.reduce((sum, phase) => sum + epochsOf(phase, epochs), 0)

/**
 * Runs the phases one after the other, each until its epochs are used up, the loss stands still, or the signal aborts; leaves the weights of the
 * best epoch in the program (of the last one, where a phase says so).
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
  const { phases } = program
  const course = await (options.resume ? resume(program, options) : fresh(program, options))
  const epochs = countEpochs(phases, options.epochs)
  const pace = startPace(data.train, options.batch_size, epochs)
  let interrupted = false
  let divergence: Divergence | null = null
  for (;;) {
    const phase = phases[course.phase]
    const name = phases.length > 1 ? phase.name : null
    const before = course.history.filter(record => (record.phase ?? null) !== name).length
    const last = before + epochsOf(phase, options.epochs)
    while (course.history.length < last && !course.stopped && !interrupted) {
      const epoch = course.history.length + 1
      const startedAt = performance.now()
      const { learningRate } = course.schedule
      const { batch_size: batchSize, seed } = options
      const onStep = (report: Omit<StepReport, 'phase' | 'epochs'>) =>
        hooks.onStep?.({ ...report, phase: name, epochs })
      const run = { epoch, phase, learningRate, batchSize, seed, pace, signal, onStep }
      const tried = await unlessDiverged(() => tryEpoch(program, data, run, epoch - before))
      if (tried instanceof Divergence) {
        if (course.history.length === 0) throw tried
        divergence = tried
        break
      }
      const { loss, steps, validationLoss, state } = tried
      interrupted = signal?.aborted ?? false
      if (steps === 0) break
      const seconds = (performance.now() - startedAt) / 1000
      const record: EpochRecord = { epoch, loss, validation_loss: validationLoss, learning_rate: learningRate, seconds }
      if (name !== null) record.phase = name
      course.history = [...course.history, record]
      const monitored = validationLoss ?? loss
      const isBest = advance(course, phase, monitored, options)
      if (isBest) course.best = { epoch, loss: monitored, state }
      if (options.checkpoint && !interrupted) await saveCourse(options.checkpoint, course, state, options)
      hooks.onEpoch?.(record, isBest)
    }
    if (course.history.length === 0) {
      throw new AuscultError('AUSCULT_TRAINING', 'interrupted before the first step: nothing was learned')
    }
    program.restore(course.best.state)
    if (divergence || interrupted || course.phase === phases.length - 1) break
    await program.enter(course.phase + 1)
    Object.assign(course, await beginning(program, options, course.phase + 1))
  }
  const { history, best, stopped } = course
  const whole = stopped ? 'early-stopping' : isTrained(phases) ? 'epochs' : 'computed'
  const ended = divergence ? 'diverged' : interrupted ? 'interrupted' : whole
  return { history, bestEpoch: best.epoch || history.length, bestLoss: best.loss, ended, divergence }
}

/** Whether anything follows gradients. */
const isTrained = (phases: TrainingProgram['phases']): boolean => phases.some(({ updates }) => updates.length > 0)

/** What a phase that follows no gradient computes is computed once. */
const epochsOf = ({ updates, epochs }: TrainingProgram['phases'][number], fallback: number): number =>
  updates.length === 0 ? 1 : (epochs ?? fallback)

/** Moves the schedule on. A phase whose loss says nothing keeps its rate and its last weights. @returns whether the epoch's weights are to be kept */
function advance(
  course: Course,
  { keep }: TrainingProgram['phases'][number],
  loss: number,
  options: TrainerOptions,
): boolean {
  if (keep === 'last') return true
  const { state, improved, stop } = advanceSchedule(course.schedule, loss, options)
  course.schedule = state
  course.stopped = stop
  return improved
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
async function tryEpoch(program: TrainingProgram, data: TrainerData, run: EpochRun, epochOfPhase: number) {
  const { epoch, learningRate, batchSize } = run
  if (program.needsRefresh(epochOfPhase))
    await program.refresh(sampleItems(data.train, batchSize, run.phase.refresh?.most))
  const { loss, steps } = await runEpoch(program, data.train, run)
  const validationLoss = data.validation && steps > 0 ? await meanLossOf(program, data.validation, run) : null
  const state = await program.snapshot()
  if (!isFiniteState(state)) throw new Divergence('weights became infinite', `the end of epoch ${epoch}`, learningRate)
  return { loss, steps, validationLoss, state }
}

/** A phase before its first epoch, with the weights that there are. */
async function beginning(program: TrainingProgram, options: TrainerOptions, phase: number) {
  const best = { epoch: 0, loss: Number.MAX_VALUE, state: await program.snapshot() }
  return { phase, schedule: startSchedule(options.learning_rate), best, stopped: false }
}

const fresh = async (program: TrainingProgram, options: TrainerOptions): Promise<Course> => ({
  ...(await beginning(program, options, 0)),
  history: [],
})

async function resume(program: TrainingProgram, options: TrainerOptions): Promise<Course> {
  const checkpoint = readCheckpoint(options.checkpoint ?? '')
  if (checkpoint.configHash !== options.configHash) {
    throw new AuscultError('AUSCULT_CONFIG', 'the checkpoint was made from other recordings or another configuration', {
      at: options.checkpoint ?? undefined,
      remedy: 'Restore them (epochs, early_stopping, engine and names may differ), or train without --resume.',
    })
  }
  const { phase = 0, schedule, history, bestEpoch, state } = checkpoint
  if (phase > 0) await program.enter(phase)
  program.restore(state)
  const { validation_loss, loss } = history[bestEpoch - 1]
  const best = { epoch: bestEpoch, loss: validation_loss ?? loss, state: checkpoint.best }
  const { patience } = options.early_stopping
  return { phase, schedule, history, best, stopped: patience > 0 && schedule.stopping.stale >= patience }
}

async function saveCourse(file: string, course: Course, state: State, { configHash }: TrainerOptions): Promise<void> {
  const { phase, schedule, history, best } = course
  await writeCheckpoint(file, {
    configHash,
    ...(phase > 0 && { phase }),
    schedule,
    history,
    bestEpoch: best.epoch,
    state,
    best: best.state,
  })
}
