import { AuscultError } from '../../errors.ts'
import { full } from '../clusters/covariance/full.ts'
import type { Latents } from '../clusters/latents.ts'
import type { ModelOf } from './detector-file.ts'
import { centreGroups } from './groups.ts'
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
    requireInvertible(covariance, rows)
    return { name, mean: packVector(mean), covariance: packVector(covariance) }
  })
  return { type: 'mahalanobis', dimensions: latents.dimensions, groups: fitted }
}

/**
 * A mean for each group of rows, and the covariance of all rows around the means of their groups, as in linear discriminant analysis
 * (Fisher 1936): what all machines vary in says nothing of a fault, and many machines tell it better than one.
 * @throws AUSCULT_TRAINING when the covariance cannot be inverted
 */
export function fitPooledMahalanobis(
  latents: Latents,
  groups: { readonly names: readonly string[]; readonly of: readonly number[] },
  shrinkage: number | 'ledoit-wolf',
): ModelOf<'mahalanobis'> {
  const { means, centred } = centreGroups(latents, groups.of, groups.names.length)
  const { covariance } = shrunkCovariance(centred, shrinkage)
  requireInvertible(covariance, latents)
  const { dimensions: d } = latents
  const fitted = groups.names.map((name, g) => ({
    name,
    mean: packVector(means.slice(g * d, (g + 1) * d)),
    covariance: g === 0 ? packVector(covariance) : null,
  }))
  return { type: 'mahalanobis', dimensions: d, groups: fitted }
}

function requireInvertible(covariance: Float64Array, { rows, dimensions: d }: Latents): void {
  if (full.factorize(covariance, d, new Float64Array(full.width(d)), 0)) return
  throw new AuscultError('AUSCULT_TRAINING', `the covariance of ${rows} windows of ${d} values cannot be inverted`, {
    at: 'score.shrinkage',
    remedy: 'Set shrinkage: ledoit-wolf, or give more recordings.',
  })
}

/** The squared distance over the number of values: about 1 for a window like those of training. */
export function openMahalanobis({ dimensions: d, groups }: ModelOf<'mahalanobis'>): ScoreVector {
  const width = full.width(d)
  const factors = new Float64Array(groups.filter(({ covariance }) => covariance !== null).length * width)
  const means = new Float64Array(groups.length * d)
  let place = -width
  const places = groups.map(({ mean, covariance }, g) => {
    means.set(unpackVector(mean, d), g * d)
    if (covariance === null) {
      if (g === 0) throw new Error('its first group has no covariance')
      return place
    }
    place += width
    const isPositive = full.factorize(unpackVector(covariance, full.size(d)), d, factors, place)
    if (!isPositive) throw new Error('its covariance cannot be inverted')
    return place
  })
  const scratch = new Float64Array(d)
  return vector => {
    let least = Number.POSITIVE_INFINITY
    for (let g = 0; g < groups.length; g++) {
      const squared = full.squaredMahalanobis(factors, places[g], vector, 0, means, g * d, d, least, scratch)
      least = Math.min(least, squared)
    }
    return least / d
  }
}
