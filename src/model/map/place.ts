import { latentsOf, readLatent } from '../clusters/latents.ts'
import type { BundleMap } from './map-file.ts'
import { nearest } from './neighbors.ts'
import { projectTo } from './principal.ts'
import { memberships } from './smooth-knn.ts'

/** Says where a latent lies on the map, `[2]`. @throws AUSCULT_INPUT_SHAPE, AUSCULT_NON_FINITE */
export type Placer = (latent: Float32Array) => Float32Array

/** More move nothing. */
const ROUNDS = 5
/** Distance on the map below which neighbours pull no harder. */
const CLOSE = 0.1

/**
 * Places new latents on a map. On one of UMAP it begins where UMAP does when it transforms new data (`init_graph_transform` of umap-learn):
 * at the mean of the places of the nearest training latents, weighted by how much it belongs to each, or at the place of the training latent
 * that it equals. Where the nearest lie in two groups that is between them, in a third perhaps; so it goes on to their weighted geometric
 * median, which lies in the larger one (Weiszfeld's algorithm), as UMAP's own passes would end.
 * @param latents `[n × dimensions]`, those of the map, in their order
 * @param rounds towards the median; 0: where UMAP begins
 */
export function createPlacer(
  { method, options, places, pca }: Pick<BundleMap, 'method' | 'options' | 'places' | 'pca'>,
  latents: Float32Array,
  dimensions: number,
  rounds = ROUNDS,
): Placer {
  const point = new Float64Array(dimensions)
  if (method === 'pca' || !options) {
    return latent => {
      readLatent(latent, point)
      return projectTo(pca, latent, 2)
    }
  }
  const table = latentsOf(latents, dimensions)
  const k = Math.min(options.neighbors, table.rows)
  return latent => {
    const { rows, distances } = nearest(table, readLatent(latent, point), 0, k)
    if (distances[0] === 0) return places.slice(2 * rows[0], 2 * rows[0] + 2)
    const weights = memberships(distances)
    const xs = Float64Array.from(rows, row => places[2 * row])
    const ys = Float64Array.from(rows, row => places[2 * row + 1])
    let [x, y] = meanOf(xs, ys, weights)
    for (let round = 0; round < rounds; round++) {
      const pulls = weights.map((weight, i) => weight / Math.max(CLOSE, Math.hypot(xs[i] - x, ys[i] - y)))
      ;[x, y] = meanOf(xs, ys, pulls)
    }
    return Float32Array.of(x, y)
  }
}

function meanOf(xs: Float64Array, ys: Float64Array, weights: Float64Array): [number, number] {
  let [x, y, total] = [0, 0, 0]
  for (let i = 0; i < weights.length; i++) {
    x += weights[i] * xs[i]
    y += weights[i] * ys[i]
    total += weights[i]
  }
  return [x / total, y / total]
}
