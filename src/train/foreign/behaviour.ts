import { AuscultError } from '../../errors.ts'
import type { Scorer } from '../../model/scorer.ts'

/** Largest relative difference that rounding makes. */
const ROUNDING = 1e-3

/**
 * Whether a model scores each window by itself and always alike, as one that was exported for inference does.
 * @throws AUSCULT_BUNDLE saying what it does instead
 */
export async function checkBehaviour(scorer: Scorer, windows: readonly Float32Array[], at: string): Promise<void> {
  const n = windows.length
  const all = new Float32Array(windows.reduce((sum, { length }) => sum + length, 0))
  windows.forEach((window, i) => {
    all.set(window, i * window.length)
  })
  const { scores } = await scorer.score(all, n)
  const fail = (message: string, remedy: string): never => {
    throw new AuscultError('AUSCULT_BUNDLE', message, { at, remedy })
  }
  const wrong = scores.find(score => !Number.isFinite(score) || score < 0)
  if (wrong !== undefined) {
    const remedy =
      'Name the reconstruction as well or instead, or export a score that is 0 or more and grows with the error.'
    fail(`the model scores ${wrong}; a score is finite and not negative`, remedy)
  }
  const again = (await scorer.score(all, n)).scores
  if (differ(scores, again)) {
    const remedy =
      'Export it after model.eval(), so that dropout is off; with a variational autoencoder name the mean as latent and decode that.'
    fail('the same windows score otherwise the second time: the model draws random numbers', remedy)
  }
  const alone = new Float32Array(n)
  for (let i = 0; i < n; i++) {
    alone[i] = (await scorer.score(windows[i], 1)).scores[0]
  }
  if (differ(scores, alone)) {
    const remedy = 'Export it after model.eval(), so that batch normalisation uses what it learnt and not the batch.'
    fail('a window scores otherwise among others than alone: the model mixes the items of a batch', remedy)
  }
}

const differ = (a: Float32Array, b: Float32Array): boolean =>
  a.some((value, i) => Math.abs(value - b[i]) > ROUNDING * Math.max(value, Number.MIN_VALUE))
