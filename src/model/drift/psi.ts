import { z } from '../../config.ts'
import { quantile } from '../calibration.ts'
import { checkState, damaged, finite } from './state.ts'

/** The usual reading (Siddiqi 2006): below 0.1 the same, from 0.25 another population. */
export type PsiReading = 'stable' | 'slight' | 'shifted'

export function readPsi(value: number): PsiReading {
  return value < 0.1 ? 'stable' : value < 0.25 ? 'slight' : 'shifted'
}

/** Scores before the first of which a bin counts as filled like the calibration's, per bin. */
const PSEUDO_COUNT = 0.5

const stateSchema = z.strictObject({ version: z.literal(1), counts: z.array(finite.nonnegative()) })

/**
 * Population stability index Σ (p − e) ln(p / e) of recent scores against the calibration, over bins at evenly spaced quantiles of the
 * calibration. Counts fade exponentially. Shares p begin as the calibration's e and count as half a score a bin, so that the index
 * is 0 before the first score, finite with empty bins, and not inflated by a few scores.
 */
export class Psi {
  /** Upper bounds of all bins but the last; a score at a bound belongs below it. */
  readonly #edges: readonly number[]
  /** Share of the calibration in each bin. Equal edges are one: more of a tied score lies below. */
  readonly #expected: readonly number[]
  #counts: Float64Array

  /** @param quantiles 1001 evenly spaced quantiles of the calibration */
  constructor(quantiles: readonly number[], bins: number) {
    const edges = Array.from({ length: bins - 1 }, (_, i) => quantile(quantiles, (i + 1) / bins))
    const top = quantiles[quantiles.length - 1]
    const below = new Map<number, number>()
    edges.forEach((edge, i) => {
      const tied = quantiles.findLastIndex(q => q <= edge) / (quantiles.length - 1)
      if (edge < top) below.set(edge, Math.max(tied, (i + 1) / bins))
    })
    this.#edges = [...below.keys()]
    const shares = [0, ...below.values(), 1]
    this.#expected = shares.slice(1).map((share, i) => share - shares[i])
    this.#counts = new Float64Array(this.#expected.length)
  }

  /** Bins that are left where edges of the calibration coincide. */
  get bins(): number {
    return this.#expected.length
  }

  /** Scores that the index rests on, faded ones in part. */
  get weight(): number {
    return this.#counts.reduce((sum, x) => sum + x, 0)
  }

  get value(): number {
    const pseudo = PSEUDO_COUNT * this.bins
    const total = this.weight + pseudo
    let sum = 0
    for (const [i, e] of this.#expected.entries()) {
      const p = (this.#counts[i] + pseudo * e) / total
      sum += (p - e) * Math.log(p / e)
    }
    return sum
  }

  /** @returns the bin of a score, or −1 where it is not a number */
  binOf(score: number): number {
    if (Number.isNaN(score)) return -1
    let bin = 0
    while (bin < this.#edges.length && score > this.#edges[bin]) bin++
    return bin
  }

  /** @param keep factor of what was counted before, 0…1 */
  push(score: number, keep: number): void {
    if (!Number.isFinite(score)) return
    this.#fade(keep)
    this.#counts[this.binOf(score)]++
  }

  /** Adds counts of scores by bin. */
  add(counts: ArrayLike<number>, keep: number): void {
    this.#fade(keep)
    for (let i = 0; i < this.bins; i++) this.#counts[i] += counts[i]
  }

  reset(): void {
    this.#counts.fill(0)
  }

  snapshot(): z.infer<typeof stateSchema> {
    return { version: 1, counts: [...this.#counts] }
  }

  /** @throws AUSCULT_STATE, and keeps its state */
  restore(raw: unknown): void {
    const { counts } = checkState(raw, stateSchema, 'score distribution')
    if (counts.length !== this.bins)
      throw damaged('score distribution', `it has ${counts.length} bins, not ${this.bins}`)
    this.#counts = Float64Array.from(counts)
  }

  #fade(keep: number): void {
    for (let i = 0; i < this.bins; i++) this.#counts[i] *= keep
  }
}
