import type { Latents } from '../clusters/latents.ts'
import { nearest } from '../map/neighbors.ts'
import type { DetectorOf } from './config.ts'
import type { ModelOf } from './detector-file.ts'
import type { ScoreVector } from './score-vector.ts'
import { packTable, unpackTable } from './table.ts'

/** Keeps the training rows: the detector of Ramaswamy, Rastogi and Shim (2000), with the mean of Angiulli and Pizzuti (2002). */
export function fitKnn(latents: Latents, { k, aggregate, metric }: DetectorOf<'knn'>): ModelOf<'knn'> {
  const { rows, dimensions: d } = latents
  const data = latents.data.slice()
  if (metric === 'cosine') for (let i = 0; i < rows; i++) toUnitLength(data.subarray(i * d, (i + 1) * d))
  return { type: 'knn', k, aggregate, metric, rows: packTable({ data, rows, dimensions: d }) }
}

export function openKnn({ k, aggregate, metric, rows }: ModelOf<'knn'>): ScoreVector {
  const table = unpackTable(rows)
  if (k > table.rows) throw new Error(`k: there are ${table.rows} rows, fewer than ${k}`)
  return vector => {
    const { distances } = nearest(table, metric === 'cosine' ? toUnitLength(vector.slice()) : vector, 0, k)
    // Of vectors of length 1, 1 − cos is half the squared distance.
    const found = metric === 'cosine' ? distances.map(distance => distance ** 2 / 2) : distances
    return aggregate === 'largest' ? found[k - 1] : found.reduce((sum, distance) => sum + distance, 0) / k
  }
}

/** In place; a vector of zeros stays. */
function toUnitLength(vector: Float64Array): Float64Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i] /= length
  return vector
}
