import { AuscultError } from '../errors.ts'
import type { State } from './program.ts'

/** Training that left the numbers: a loss or weights that are NaN or infinite. */
export class Divergence extends AuscultError {
  constructor(what: string, at: string, learningRate: number) {
    super('AUSCULT_TRAINING', what, {
      at,
      remedy: `Lower training.learning_rate (it was ${learningRate}, try a third of it), check that front_end.normalization is not none, and see with --overfit-one-batch whether that helps.`,
    })
  }
}

/** @throws Divergence */
export function requireFinite(loss: number, at: string, learningRate: number): void {
  if (!Number.isFinite(loss)) throw new Divergence(`the loss became ${loss}`, at, learningRate)
}

/** One pass over millions of weights in every epoch: a sum that is NaN where any of them is not finite. */
export function isFiniteState(state: State): boolean {
  let sum = 0
  for (const { data } of Object.values(state)) for (let i = 0; i < data.length; i++) sum += data[i] * 0
  return sum === 0
}
