import { createRequire } from 'node:module'
import type { kmeans } from 'ml-kmeans'
import type { Random } from '../../random.ts'
import { type Latents, spreadOf, squaredDistance } from './latents.ts'

export interface Partition {
  /** `[k × d]` */
  readonly centres: Float64Array
  readonly k: number
  /** `[rows]`: the centre of each row. */
  readonly labels: Int32Array
  /** `[k]`: rows of each centre, none of them 0. */
  readonly sizes: Int32Array
  /** Sum of squared distances to the own centre. */
  readonly inertia: number
}

const ITERATIONS = 300
const TOLERANCE = 1e-8

/** Some hundred modules, which a daemon need not keep in memory when its bundle has clusters already. */
const load = (): typeof kmeans => createRequire(import.meta.url)('ml-kmeans').kmeans

/**
 * K-means: the best of `starts` runs of Lloyd's algorithm from greedy k-means++ (Arthur and Vassilvitskii, 2007).
 * There are fewer than k centres when there are fewer distinct rows.
 * @param k at most the number of rows
 */
export function partition(latents: Latents, k: number, random: Random, starts = 8): Partition {
  const { rows, dimensions } = latents
  const points = Array.from({ length: rows }, (_, i) =>
    Array.from(latents.data.subarray(i * dimensions, (i + 1) * dimensions)),
  )
  const tolerance = TOLERANCE * dimensions * spreadOf(latents).variance
  const kmeans = load()
  let best: Partition | undefined
  for (let start = 0; start < starts; start++) {
    const initialization = firstCentres(latents, k, random).map(row => [...points[row]])
    const { centroids } = kmeans(points, initialization.length, {
      initialization,
      maxIterations: ITERATIONS,
      tolerance,
    })
    const found = settle(latents, centroids)
    if (!best || found.inertia < best.inertia) best = found
  }
  return best!
}

/** Rows far from each other: each next one is drawn by its squared distance to those before it, the best of a few draws. */
function firstCentres(latents: Latents, k: number, random: Random): number[] {
  const { data, rows, dimensions } = latents
  const distances = (to: number) => {
    const squared = new Float64Array(rows)
    for (let i = 0; i < rows; i++) squared[i] = squaredDistance(data, i * dimensions, data, to * dimensions, dimensions)
    return squared
  }
  const chosen = [random.integer(rows)]
  let nearest = distances(chosen[0])
  const draws = 2 + Math.floor(Math.log(k))
  while (chosen.length < k) {
    const total = sum(nearest)
    if (total === 0) break
    let best = { row: -1, left: nearest, total: Number.POSITIVE_INFINITY }
    for (let draw = 0; draw < draws; draw++) {
      const row = drawBy(nearest, total * random.uniform())
      const left = distances(row)
      for (let i = 0; i < rows; i++) left[i] = Math.min(left[i], nearest[i])
      const remaining = sum(left)
      if (remaining < best.total) best = { row, left, total: remaining }
    }
    chosen.push(best.row)
    nearest = best.left
  }
  return chosen
}

function drawBy(weights: Float64Array, at: number): number {
  let last = 0
  let passed = 0
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue
    last = i
    passed += weights[i]
    if (passed > at) break
  }
  return last
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

/** Rows to their nearest centres; centres without rows are left out. */
function settle({ data, rows, dimensions }: Latents, centroids: number[][]): Partition {
  const all = Float64Array.from(centroids.flat())
  const labels = new Int32Array(rows)
  const counts = new Int32Array(centroids.length)
  let inertia = 0
  for (let i = 0; i < rows; i++) {
    let least = Number.POSITIVE_INFINITY
    for (let c = 0; c < centroids.length; c++) {
      const distance = squaredDistance(data, i * dimensions, all, c * dimensions, dimensions)
      if (distance < least) {
        least = distance
        labels[i] = c
      }
    }
    counts[labels[i]]++
    inertia += least
  }
  const kept = [...counts.keys()].filter(c => counts[c] > 0)
  const place = new Map(kept.map((c, i) => [c, i]))
  return {
    centres: Float64Array.from(kept.flatMap(c => centroids[c])),
    k: kept.length,
    labels: labels.map(c => place.get(c)!),
    sizes: Int32Array.from(kept, c => counts[c]),
    inertia,
  }
}
