import { AuscultError } from '../../errors.ts'
import type { ScoredWindow } from '../score-windows.ts'

/** What is judged: a recording, or a window of one. */
export interface Item {
  readonly file: string
  /** First sample, or frame, of a window; null for a whole recording. */
  readonly offset: number | null
  readonly score: number
  /** `[latent_size]`; a recording's is the mean over its windows. */
  readonly latent: Float32Array
  /** `[classes]`, of models that tell classes apart; a recording's are the mean over its windows. */
  readonly probabilities?: Float32Array
}

/**
 * The windows themselves, or their recordings in the order in which they come.
 * @throws AUSCULT_NON_FINITE where the model gives no number
 */
export function itemsOf(
  windows: readonly ScoredWindow[],
  per: 'file' | 'window',
  aggregate: 'mean' | 'max' = 'mean',
): Item[] {
  for (const window of windows) checkFinite(window)
  if (per === 'window') return windows.map(({ path, ...window }) => ({ file: path, ...window }))
  const byFile = new Map<string, ScoredWindow[]>()
  for (const window of windows) {
    const own = byFile.get(window.path)
    if (own) own.push(window)
    else byFile.set(window.path, [window])
  }
  return [...byFile].map(([file, own]) => {
    const scores = own.map(({ score }) => score)
    const score = aggregate === 'max' ? scores.reduce((a, b) => Math.max(a, b)) : mean(scores)
    const latent = meanOf(own.map(window => window.latent))
    const probabilities = own.flatMap(window => window.probabilities ?? [])
    return {
      file,
      offset: null,
      score,
      latent,
      probabilities: probabilities.length ? meanOf(probabilities) : undefined,
    }
  })
}

/** Latents of items as a table, `[n × latent_size]`. */
export function latentsOfItems(items: readonly Item[]): { latents: Float32Array; dimensions: number } {
  const dimensions = items[0]?.latent.length ?? 0
  const latents = new Float32Array(items.length * dimensions)
  for (const [i, { latent }] of items.entries()) latents.set(latent, i * dimensions)
  return { latents, dimensions }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const meanOf = (vectors: readonly Float32Array[]): Float32Array =>
  vectors[0].map((_, j) => mean(vectors.map(vector => vector[j])))

function checkFinite({ path, offset, score, latent }: ScoredWindow): void {
  const bad = latent.findIndex(value => !Number.isFinite(value))
  if (bad < 0 && Number.isFinite(score)) return
  const what = bad < 0 ? `the score is ${score}` : `value ${bad} of the latent is ${latent[bad]}`
  throw new AuscultError('AUSCULT_NON_FINITE', `${what} in the window that begins at ${offset}`, {
    at: path,
    remedy: 'Its values are far beyond those the model was trained on: check their unit, or leave the recording out.',
  })
}
