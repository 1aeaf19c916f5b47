import { setImmediate as turn } from 'node:timers/promises'
import type { Phase } from '../model/families/model.ts'
import { requireFinite } from './divergence.ts'
import type { Batch } from './feature-set.ts'
import type { Given, TrainingProgram } from './program.ts'
import { takeSteps } from './take-steps.ts'

/** What the trainer needs of a FeatureSet. */
export interface BatchSource {
  readonly items: number
  batches(
    size: number,
    options?: { shuffle?: { seed: number; epoch: number }; dropRemainder?: boolean },
  ): AsyncIterable<Batch & Given>
}

export interface StepReport {
  /** Of all phases, from 1. */
  epoch: number
  /** Of all phases, at most. */
  epochs: number
  /** Null where there is one. */
  phase: string | null
  step: number
  steps: number
  /** Mean of the epoch so far. */
  loss: number
  samplesPerSecond: number
  /** Until the last epoch would end. */
  secondsLeft: number
}

export interface EpochRun {
  /** Of all phases, from 1. */
  epoch: number
  phase: Pick<Phase, 'updates' | 'refresh'>
  learningRate: number
  batchSize: number
  seed: number
  pace: Pace
  signal?: AbortSignal
  onStep?: (report: Omit<StepReport, 'phase' | 'epochs'>) => void
}

/** Training gives way to timers and signals this often. */
const TURN_MS = 50

/** Steps on all training items in a new order; or, where nothing follows gradients, their loss. @throws Divergence */
export async function runEpoch(program: TrainingProgram, train: BatchSource, run: EpochRun) {
  const { epoch, phase, learningRate, batchSize, seed, pace, signal, onStep } = run
  if (phase.updates.length === 0) return { loss: await meanLossOf(program, train, run), steps: 1 }
  let sum = 0
  let items = 0
  let steps = 0
  let turnedAt = performance.now()
  const batches = train.batches(batchSize, { shuffle: { seed, epoch }, dropRemainder: true })
  for await (const taken of takeSteps(program, untilAborted(batches, signal), learningRate)) {
    for (const { loss, n } of taken) {
      steps++
      requireFinite(loss, `epoch ${epoch}, step ${steps}`, learningRate)
      sum += loss * n
      items += n
      onStep?.({ epoch, step: steps, loss: sum / items, ...pace(n, epoch, steps) })
    }
    if (performance.now() - turnedAt > TURN_MS) {
      await turn()
      turnedAt = performance.now()
    }
  }
  await turn()
  return { loss: sum / items, steps }
}

/** Mean loss in inference mode. @throws Divergence */
export async function meanLossOf(program: TrainingProgram, data: BatchSource, run: EpochRun): Promise<number> {
  let sum = 0
  for await (const { items, n, ...given } of data.batches(run.batchSize)) {
    sum += n * (await program.evaluate(items, n, given))
  }
  const loss = sum / data.items
  requireFinite(loss, `validation after epoch ${run.epoch}`, run.learningRate)
  return loss
}

async function* untilAborted<T>(batches: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  for await (const batch of batches) {
    if (signal?.aborted) return
    yield batch
  }
}

export type Pace = (
  items: number,
  epoch: number,
  step: number,
) => Pick<StepReport, 'steps' | 'samplesPerSecond' | 'secondsLeft'>

/** Counts from the second step on, since the first may compile. @param epochs of all phases */
export function startPace(train: BatchSource, batchSize: number, epochs: number): Pace {
  const steps = Math.max(1, Math.floor(train.items / batchSize))
  let startedAt: number | undefined
  let done = 0
  return (items, epoch, step) => {
    if (startedAt === undefined) {
      startedAt = performance.now()
      return { steps, samplesPerSecond: 0, secondsLeft: 0 }
    }
    done += items
    const perSecond = done / Math.max(1e-9, (performance.now() - startedAt) / 1000)
    const left = ((epochs - epoch) * steps + steps - step) * batchSize
    return { steps, samplesPerSecond: perSecond, secondsLeft: left / perSecond }
  }
}
