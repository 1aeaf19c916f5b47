import { AuscultError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import type { KMeansConfig } from './config.ts'
import { type Latents, quantile, sampleRows, spreadOf, squaredDistance } from './latents.ts'
import { type Partition, partition } from './lloyd.ts'
import { pairDistances, silhouette } from './silhouette.ts'

/** Training latents that clusters are found in; more are sampled. */
export const MOST_ROWS = 10_000
/** Rows that k is chosen on. */
const CHOOSING_ROWS = 1000
/** Below this mean silhouette there is "no substantial structure" (Kaufman and Rousseeuw, 1990), and one cluster is taken. */
const STRUCTURE = 0.25
/** A cluster of this many latents believes as much in its own distances as in those of all. */
export const PRIOR = 20

/** What k-means starts from. */
export interface KMeansStart {
  readonly partition: Partition
  /** `[k]`: mean squared distance to the centre, and the calibrated radius. */
  readonly spread: Float64Array
  readonly radius: Float64Array
  /** Of all clusters together. */
  readonly pooledRadius: number
  /** Radius of all to the root of the mean squared distance of all. */
  readonly ratio: number
  readonly floor: number
}

/** @throws AUSCULT_CONFIG when k is larger than the number of latents */
export function fitKMeans(latents: Latents, config: KMeansConfig, random: Random): KMeansStart {
  checkK(config.k, latents.rows)
  const sample = sampleRows(latents, MOST_ROWS, random)
  const k = config.k === 'auto' ? chooseK(sample, config.max_k, random) : config.k
  return calibrate(sample, partition(sample, k, random), config)
}

export function checkK(k: number | 'auto', rows: number): void {
  if (rows === 0 || (k !== 'auto' && k > rows)) {
    throw new AuscultError('AUSCULT_CONFIG', `${k} clusters cannot be found in ${rows} latents`, {
      at: 'clusters.k',
      remedy: 'Take a smaller k, or train with more recordings.',
    })
  }
}

/** The k with the best silhouette on a sample; 1 when none shows structure. */
function chooseK(latents: Latents, maxK: number, random: Random): number {
  const sample = sampleRows(latents, CHOOSING_ROWS, random)
  const distances = pairDistances(sample)
  let best = { k: 1, score: STRUCTURE }
  for (let k = 2; k <= Math.min(maxK, sample.rows - 1); k++) {
    const found = partition(sample, k, random)
    if (found.k < 2) break
    const score = silhouette(distances, found.labels, found.k)
    if (score > best.score) best = { k, score }
  }
  return best.k
}

/** Radii from the distances that training latents have to their centre without them: d · n / (n − 1). */
function calibrate(latents: Latents, found: Partition, config: KMeansConfig): KMeansStart {
  const { data, rows, dimensions } = latents
  const own: number[][] = Array.from({ length: found.k }, () => [])
  const spread = new Float64Array(found.k)
  for (let i = 0; i < rows; i++) {
    const c = found.labels[i]
    const squared = squaredDistance(data, i * dimensions, found.centres, c * dimensions, dimensions)
    const n = found.sizes[c]
    spread[c] += squared / n
    if (n > 1) own[c].push((Math.sqrt(squared) * n) / (n - 1))
  }
  const { variance, square } = spreadOf(latents)
  const floor = 1e-6 * Math.sqrt(variance || square || 1) * Math.sqrt(dimensions)
  const reach = (distances: number[]) =>
    distances.length > 0 ? config.radius_margin * quantile(distances, config.radius_quantile) : 0
  const all = own.flat()
  const alone = all.length > 0 ? 0 : Math.sqrt(dimensions * variance)
  const pooledRadius = Math.max(floor, alone, reach(all))
  const radius = spread.map((_, c) => {
    const n = own[c].length
    return Math.max(floor, Math.sqrt((n * reach(own[c]) ** 2 + PRIOR * pooledRadius ** 2) / (n + PRIOR)))
  })
  const meanSquare = found.inertia / rows
  const ratio = meanSquare > 0 ? pooledRadius / Math.sqrt(meanSquare) : 1
  return { partition: found, spread, radius, pooledRadius, ratio, floor }
}
