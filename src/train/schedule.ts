import type { z } from '../config.ts'
import type { earlyStoppingSchema, reduceOnPlateauSchema } from './config.ts'

/** The best loss so far by more than the share `min_delta`, and the epochs since. */
interface Patience {
  best: number
  stale: number
}

/** What the schedule remembers between epochs; part of a checkpoint. */
export interface ScheduleState {
  learningRate: number
  bestLoss: number
  stopping: Patience
  plateau: Patience
}

export interface ScheduleOptions {
  learning_rate: number
  reduce_on_plateau: z.infer<typeof reduceOnPlateauSchema>
  early_stopping: z.infer<typeof earlyStoppingSchema>
}

/** `MAX_VALUE` rather than infinity, which JSON cannot hold. */
export const startSchedule = (learningRate: number): ScheduleState => ({
  learningRate,
  bestLoss: Number.MAX_VALUE,
  stopping: { best: Number.MAX_VALUE, stale: 0 },
  plateau: { best: Number.MAX_VALUE, stale: 0 },
})

/**
 * Reduce-on-plateau as PyTorch's ReduceLROnPlateau (relative threshold), and early stopping by the same rule. The best weights are
 * those of the smallest loss, whatever `min_delta`.
 * @param loss the monitored loss of the epoch that ended
 */
export function advanceSchedule(
  state: ScheduleState,
  loss: number,
  options: ScheduleOptions,
): { state: ScheduleState; improved: boolean; stop: boolean } {
  const { reduce_on_plateau: reduce, early_stopping: early } = options
  const stopping = wait(state.stopping, loss, early.min_delta)
  let plateau = wait(state.plateau, loss, reduce.min_delta)
  let learningRate = state.learningRate
  if (reduce.patience > 0 && plateau.stale >= reduce.patience) {
    learningRate = Math.max(Math.min(reduce.min_lr, learningRate), learningRate * reduce.factor)
    plateau = { ...plateau, stale: 0 }
  }
  const improved = loss < state.bestLoss
  const next = { learningRate, bestLoss: Math.min(state.bestLoss, loss), stopping, plateau }
  return { state: next, improved, stop: early.patience > 0 && stopping.stale >= early.patience }
}

function wait({ best, stale }: Patience, loss: number, minDelta: number): Patience {
  return loss < best * (1 - minDelta) ? { best: loss, stale: 0 } : { best, stale: stale + 1 }
}
