import type { Scorer, WindowScores } from '../model/scorer.ts'
import { isAuscultError } from './scorer-protocol.ts'

/**
 * Scores n windows so that one with NaN or infinite values fails alone: its score is NaN, its neighbours are scored
 * without it. Costs nothing while all are good, since windows are looked at only when the scorer refuses the batch.
 * @param windows `[n × size]`, row-major
 * @returns fresh arrays, which the caller may move to another thread
 * @throws what the scorer throws for other reasons than non-finite values
 */
export async function scoreBatch(scorer: Scorer, windows: Float32Array, n: number): Promise<WindowScores> {
  const size = windows.length / n
  const all = Array.from({ length: n }, (_, i) => i)
  const result = new Collected(n, scorer.latentSize)
  if (await tryScore(scorer, windows, all, result)) return result
  const finite = all.filter(i => windows.subarray(i * size, (i + 1) * size).every(Number.isFinite))
  if (finite.length < n && (await tryScore(scorer, gather(windows, finite, size), finite, result))) return result
  for (const i of finite) await tryScore(scorer, gather(windows, [i], size), [i], result)
  return result
}

/** Whether the windows, which have these places in the batch, could be scored. */
async function tryScore(scorer: Scorer, windows: Float32Array, places: number[], into: Collected): Promise<boolean> {
  if (places.length === 0) return true
  try {
    into.add(await scorer.score(windows, places.length), places)
    return true
  } catch (error) {
    if (isAuscultError(error) && error.code === 'AUSCULT_NON_FINITE') return false
    throw error
  }
}

function gather(windows: Float32Array, places: readonly number[], size: number): Float32Array {
  const kept = new Float32Array(places.length * size)
  places.forEach((place, i) => {
    kept.set(windows.subarray(place * size, (place + 1) * size), i * size)
  })
  return kept
}

class Collected implements WindowScores {
  readonly scores: Float32Array
  readonly latents: Float32Array
  readonly latentSize: number

  constructor(n: number, latentSize: number) {
    this.scores = new Float32Array(n).fill(Number.NaN)
    this.latents = new Float32Array(n * latentSize)
    this.latentSize = latentSize
  }

  add(part: WindowScores, places: readonly number[]): void {
    const d = this.latentSize
    places.forEach((place, i) => {
      this.scores[place] = part.scores[i]
      this.latents.set(part.latents.subarray(i * d, (i + 1) * d), place * d)
    })
  }
}
