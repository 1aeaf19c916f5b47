import { latentsOf, readLatent } from '../clusters/latents.ts'
import type { BundleMap } from './map-file.ts'
import { nearest } from './neighbors.ts'
import { projectTo } from './principal.ts'
import { memberships } from './smooth-knn.ts'

/** Says where a latent lies on the map, `[2]`. @throws AUSCULT_INPUT_SHAPE, AUSCULT_NON_FINITE */
export type Placer = (latent: Float32Array) => Float32Array

/**
 * Places new latents on a map. On one of UMAP that is where UMAP begins when it transforms new data (`init_graph_transform` of
 * umap-learn): the mean of the places of the nearest training latents, weighted by how much it belongs to each, and a training latent's own
 * place. The passes that UMAP adds would cost a hundred times as much and move it a little.
 * @param latents `[n × dimensions]`, those of the map, in their order
 */
export function createPlacer(
  { method, options, places, pca }: Pick<BundleMap, 'method' | 'options' | 'places' | 'pca'>,
  latents: Float32Array,
  dimensions: number,
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
    let [x, y, total] = [0, 0, 0]
    for (let i = 0; i < k; i++) {
      x += weights[i] * places[2 * rows[i]]
      y += weights[i] * places[2 * rows[i] + 1]
      total += weights[i]
    }
    return Float32Array.of(x / total, y / total)
  }
}
