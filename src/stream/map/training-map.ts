import type { Pca } from '../../model/clusters/pca.ts'
import type { BundleMap } from '../../model/map/map-file.ts'
import { COMPONENTS, principalComponents, projectAll } from '../../model/map/principal.ts'
import type { MapWorkerData, TrainingMap } from './map-protocol.ts'

/** What new latents are placed on. */
export type Ground = Pick<BundleMap, 'method' | 'options' | 'places' | 'pca'>

/** The map of the bundle, or one of principal components where it has none. */
export function groundOf({ map, latents, dimensions }: MapWorkerData): Ground {
  if (map) return map
  const pca = principalComponents(latents, dimensions)
  return { method: 'pca', options: null, places: projectAll(pca, latents, dimensions, 2), pca }
}

export function trainingMap({ map, latents, dimensions }: MapWorkerData, ground: Ground): TrainingMap {
  const { method, options, places, pca } = ground
  return {
    method,
    seed: map?.seed ?? null,
    options,
    places: rowsOf(places, 2),
    pca: { explained_variance_ratio: ratios(pca), places: rowsOf(projectAll(pca, latents, dimensions, COMPONENTS), 3) },
    windows: map?.windows ?? null,
    clusters: map?.clusters ?? null,
    scores: map ? Array.from(map.scores, short) : null,
  }
}

const ratios = ({ explained_variance_ratio }: Pca): number[] => explained_variance_ratio.map(short)

/** `[n × width]` to `[n][width]`, short enough to send to people. */
export function rowsOf(values: Float32Array, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, i) =>
    Array.from(values.subarray(i * width, (i + 1) * width), short),
  )
}

const short = (value: number): number => Number(value.toPrecision(5))
