import { seeded } from '../../random.ts'
import { type Latents, latentsOf } from '../clusters/latents.ts'
import type { Pca } from '../clusters/pca.ts'
import type { MapFitConfig } from './config.ts'
import type { BundleMap } from './map-file.ts'
import { nearest } from './neighbors.ts'
import { principalComponents, projectAll } from './principal.ts'
import { type UmapInput, umap } from './umap.ts'

export interface FittedMap extends Pick<BundleMap, 'method' | 'seed' | 'options' | 'places' | 'pca'> {
  /** Why it is not quite what was asked for, one sentence each. */
  readonly warnings: readonly string[]
}

/** Passes of UMAP. More keep neighbours hardly better: see docs/map.md. */
export const EPOCHS = 100
/** Of fewer UMAP shows nothing. */
const LEAST_POINTS = 20
/** umap-js keeps its places within ±10 at first, with a little noise so that none are at the same. */
const REACH = 10
const NOISE = 1e-4

/**
 * Lays training latents out on a plane. Same latents, same configuration, same seed: same map.
 * @param data `[n × dimensions]`, n at least 1
 * @throws AUSCULT_NON_FINITE, AUSCULT_INPUT_SHAPE
 */
export function fitMap(
  data: Float32Array,
  dimensions: number,
  config: Pick<MapFitConfig, 'neighbors' | 'min_dist'> & { method: 'umap' | 'pca' },
  seed: number,
  onEpoch?: (done: number, total: number) => void,
): FittedMap {
  const latents = latentsOf(data, dimensions)
  const pca = principalComponents(data, dimensions)
  const flat = projectAll(pca, data, dimensions, 2)
  const plain = { method: 'pca', seed, options: null, places: flat, pca } as const
  if (config.method === 'pca') return { ...plain, warnings: [] }
  const instead = (why: string): FittedMap => ({
    ...plain,
    warnings: [`the map is of principal components in place of UMAP: ${why}`],
  })
  if (latents.rows < LEAST_POINTS) return instead(`${latents.rows} latents are too few`)
  const neighbors = Math.min(config.neighbors, latents.rows - 1)
  const surroundings = surroundingsOf(latents, neighbors)
  if (!surroundings) return instead('nearly all latents are alike')
  const random = seeded(seed, 0x3a9)
  const start = startOf(pca, flat, random.normal)
  const options = { minDist: config.min_dist, epochs: EPOCHS, random: random.uniform }
  const places = umap({ ...surroundings, start }, options, onEpoch)
  if (!places.every(Number.isFinite)) return instead('UMAP found no places')
  const lowered = `map.neighbors is ${neighbors}, since there are ${latents.rows} latents`
  return {
    method: 'umap',
    seed,
    options: { neighbors, min_dist: config.min_dist, epochs: EPOCHS },
    places,
    pca,
    warnings: neighbors < config.neighbors ? [lowered] : [],
  }
}

/** Distances in units of their mean, where umap-js looks for widths; undefined when that is 0. */
function surroundingsOf(latents: Latents, k: number): Omit<UmapInput, 'start'> | undefined {
  const rows: number[][] = []
  const distances: number[][] = []
  for (let i = 0; i < latents.rows; i++) {
    const found = nearest(latents, latents.data, i * latents.dimensions, k - 1, i)
    rows.push([i, ...found.rows])
    distances.push([0, ...found.distances])
  }
  const all = distances.flat()
  const mean = all.reduce((sum, distance) => sum + distance, 0) / all.length
  if (!(mean > 0)) return undefined
  return { rows, distances: distances.map(own => own.map(distance => distance / mean)) }
}

function startOf({ components }: Pca, flat: Float32Array, normal: () => number): Float64Array {
  const widest = flat.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const scale = components.length > 0 && widest > 0 ? REACH / widest : 0
  return Float64Array.from(flat, value => scale * value + NOISE * normal())
}
