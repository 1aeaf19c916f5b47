import { AuscultError } from '../../errors.ts'
import { type Latents, quantile } from '../clusters/latents.ts'
import { nearest } from '../map/neighbors.ts'
import type { DetectorOf } from './config.ts'
import type { ModelOf } from './detector-file.ts'
import type { ScoreVector } from './score-vector.ts'
import { packTable, unpackTable } from './table.ts'

/** Part of the training windows that are core points when nobody says a radius. */
const CORES = 0.9

/**
 * Core points as DBSCAN defines them (Ester et al., 1996): at least `min_samples` rows, the own one included, within `eps`.
 * @throws AUSCULT_TRAINING when there is none
 */
export function fitDbscan(latents: Latents, options: DetectorOf<'pca-dbscan'>): ModelOf<'dbscan'> {
  const { data, rows, dimensions: d } = latents
  const reach = Float64Array.from({ length: rows }, (_, i) => {
    const { distances } = nearest(latents, data, i * d, options.min_samples)
    return distances[options.min_samples - 1]
  })
  const eps = options.eps ?? quantile(reach, CORES)
  const cores = [...reach.keys()].filter(i => reach[i] <= eps)
  if (cores.length === 0 || !(eps > 0)) {
    const least = Number(reach.reduce((a, b) => Math.min(a, b)).toPrecision(4))
    throw new AuscultError('AUSCULT_TRAINING', `no training window has ${options.min_samples} within eps`, {
      at: 'score.eps',
      remedy: `Raise eps above ${least}, or lower min_samples.`,
    })
  }
  const kept = new Float64Array(cores.length * d)
  for (const [place, i] of cores.entries()) kept.set(data.subarray(i * d, (i + 1) * d), place * d)
  return { type: 'dbscan', eps, cores: packTable({ data: kept, rows: cores.length, dimensions: d }) }
}

/** Distance to the nearest core point in units of eps: up to 1 a window would have belonged to a cluster, beyond it is noise. */
export function openDbscan({ eps, cores }: ModelOf<'dbscan'>): ScoreVector {
  const table = unpackTable(cores)
  return vector => nearest(table, vector, 0, 1).distances[0] / eps
}
