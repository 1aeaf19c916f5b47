import type { BundleMap } from '../../model/map/map-file.ts'

/** What the thread of the map is started with. */
export interface MapWorkerData {
  /** Undefined where the bundle has none: the principal components of the latents are the map then. */
  readonly map: BundleMap | undefined
  /** `[n × dimensions]` */
  readonly latents: Float32Array
  readonly dimensions: number
}

/** `latents` is `[n × dimensions]`, moved to the thread. */
export interface ToMapWorker {
  readonly type: 'place'
  readonly latents: Float32Array
}

export type FromMapWorker =
  | { readonly type: 'ready'; readonly map: TrainingMap }
  | {
      readonly type: 'placed'
      /** `[n × 2]` and `[n × 3]` */
      readonly places: Float32Array
      readonly pca: Float32Array
    }

/** The map of the training as `/v1/map` gives it; entries of the same index belong to the same window. */
export interface TrainingMap {
  readonly method: 'umap' | 'pca'
  readonly seed: number | null
  readonly options: BundleMap['options']
  /** `[n][2]` */
  readonly places: readonly (readonly number[])[]
  /** Principal components, for a map in three dimensions. */
  readonly pca: {
    readonly explained_variance_ratio: readonly number[]
    /** `[n][3]` */
    readonly places: readonly (readonly number[])[]
  }
  /** `[n]` each; null where the bundle does not say. */
  readonly windows: readonly string[] | null
  readonly clusters: readonly (number | null)[] | null
  readonly scores: readonly number[] | null
}
