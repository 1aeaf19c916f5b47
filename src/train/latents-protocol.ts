import type { BundleClusters } from '../model/clusters/bundle-clusters.ts'
import type { ClustersConfig } from '../model/clusters/config.ts'
import type { MapFitConfig } from '../model/map/config.ts'
import type { BundleMap } from '../model/map/map-file.ts'

/** A sample of training windows as the model sees them. */
export interface LatentSample {
  /** `[n × dimensions]` */
  latents: Float32Array
  dimensions: number
  /** `[n]`: `file@offset`. */
  windows: string[]
  /** `[n]` */
  scores: Float32Array
}

/** What clusters and the map are made of. */
export interface LatentStudyInput {
  sample: LatentSample
  clusters: ClustersConfig
  map: MapFitConfig
  seed: number
}

/** What is known of a sample of latents. */
export interface LatentStudy {
  clusters?: BundleClusters
  map?: BundleMap
  /** `[n]`: the cluster of each latent; null where there is none. */
  assigned: (number | null)[]
  warnings: string[]
}

export type FromLatentsWorker = { type: 'epoch'; done: number; total: number } | { type: 'done'; study: LatentStudy }
