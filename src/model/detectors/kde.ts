import { type Latents, squaredDistance } from '../clusters/latents.ts'
import type { ModelOf } from './detector-file.ts'
import { logSumExp } from './log-sum-exp.ts'
import type { ScoreVector } from './score-vector.ts'
import { packTable, unpackTable } from './table.ts'

/** The rules of thumb of Scott (1992) and Silverman (1986) for rows of variance 1, as scikit-learn's `KernelDensity` has them. */
export function bandwidthOf(rule: number | 'scott' | 'silverman', { rows, dimensions: d }: Latents): number {
  if (rule === 'scott') return rows ** (-1 / (d + 4))
  return rule === 'silverman' ? ((rows * (d + 2)) / 4) ** (-1 / (d + 4)) : rule
}

export const fitKde = (latents: Latents, rule: number | 'scott' | 'silverman'): ModelOf<'kde'> => ({
  type: 'kde',
  bandwidth: bandwidthOf(rule, latents),
  rows: packTable(latents),
})

/**
 * A log-density is of either sign, and a score must not be negative. So the score is how far the log-density lies below that of a place
 * where all training rows lie, which nothing exceeds: −log of the mean of exp(−distance² / 2 bandwidth²).
 */
export function openKde({ bandwidth, rows }: ModelOf<'kde'>): ScoreVector {
  const { data, rows: n, dimensions: d } = unpackTable(rows)
  const exponents = new Float64Array(n)
  const factor = -1 / (2 * bandwidth * bandwidth)
  return vector => {
    for (let i = 0; i < n; i++) exponents[i] = factor * squaredDistance(data, i * d, vector, 0, d)
    return Math.max(0, Math.log(n) - logSumExp(exponents))
  }
}
