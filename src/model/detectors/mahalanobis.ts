import { AuscultError } from '../../errors.ts'
import { full } from '../clusters/covariance/full.ts'
import type { Latents } from '../clusters/latents.ts'
import type { ModelOf } from './detector-file.ts'
import type { ScoreVector } from './score-vector.ts'
import { shrunkCovariance } from './shrinkage.ts'
import { packVector, unpackVector } from './table.ts'

/**
 * One mean and covariance for each group of rows. With several, the least distance counts, which is the selective Mahalanobis distance
 * of Harada et al. (2023, First-shot anomaly sound detection).
 * @throws AUSCULT_TRAINING when a covariance cannot be inverted
 */
export function fitMahalanobis(
  groups: readonly { name: string; latents: Latents }[],
  shrinkage: number | 'ledoit-wolf',
): ModelOf<'mahalanobis'> {
  const [{ latents }] = groups
  const fitted = groups.map(({ name, latents: rows }) => {
    const { mean, covariance } = shrunkCovariance(rows, shrinkage)
    if (!full.factorize(covariance, rows.dimensions, new Float64Array(full.width(rows.dimensions)), 0)) {
      throw new AuscultError(
        'AUSCULT_TRAINING',
        `the covariance of ${rows.rows} windows of ${rows.dimensions} values cannot be inverted`,
        { at: 'score.shrinkage', remedy: 'Set shrinkage: ledoit-wolf, or give more recordings.' },
      )
    }
    return { name, mean: packVector(mean), covariance: packVector(covariance) }
  })
  return { type: 'mahalanobis', dimensions: latents.dimensions, groups: fitted }
}

/** The squared distance over the number of values: about 1 for a window like those of training. */
export function openMahalanobis({ dimensions: d, groups }: ModelOf<'mahalanobis'>): ScoreVector {
  const width = full.width(d)
  const factors = new Float64Array(groups.length * width)
  const means = new Float64Array(groups.length * d)
  for (const [g, { mean, covariance }] of groups.entries()) {
    means.set(unpackVector(mean, d), g * d)
    const isPositive = full.factorize(unpackVector(covariance, full.size(d)), d, factors, g * width)
    if (!isPositive) throw new Error('its covariance cannot be inverted')
  }
  const scratch = new Float64Array(d)
  return vector => {
    let least = Number.POSITIVE_INFINITY
    for (let g = 0; g < groups.length; g++) {
      const squared = full.squaredMahalanobis(factors, g * width, vector, 0, means, g * d, d, least, scratch)
      least = Math.min(least, squared)
    }
    return least / d
  }
}
