import type { ClustererSnapshot } from './snapshot.ts'

/** Where a latent belongs. */
export interface Assignment {
  /** Stable: a small integer that is never given to another cluster. */
  readonly id: number
  /** From the cluster's centre: Euclidean for kmeans and denstream (its nearest micro-cluster), Mahalanobis for gmm. */
  readonly distance: number
  /** The distance up to which a latent belongs to that cluster, in the same unit. */
  readonly radius: number
  /** Whether the distance is within the radius. A latent outside is an outlier that this cluster is merely the nearest to. */
  readonly within: boolean
}

/** Two clusters became one: `from` is gone, `into` goes on and counts both. */
export interface Merge {
  readonly from: number
  readonly into: number
}

/** A part of a cluster went its own way under the new id `into`. */
export interface Split {
  readonly from: number
  readonly into: number
}

/** What learning one latent did. Everything but the assignment is rare, and worth an event. */
export interface Update extends Assignment {
  /** The latent was far from all clusters and began one of its own. */
  readonly isNew: boolean
  readonly merged: readonly Merge[]
  readonly split: readonly Split[]
  /** Clusters given up: to make room at the bound on their number, or because they faded. */
  readonly forgotten: readonly number[]
}

export interface Cluster {
  readonly id: number
  /** Training latents in it; 0 when it was born later. */
  readonly trained: number
  /** Updates that fell to it, and to the clusters merged into it. */
  readonly count: number
  /** What its centre rests on: latents, faded by the decay. */
  readonly weight: number
  /** `[d]` */
  readonly centre: Float32Array
  readonly radius: number
  /** Smallest and largest time of its updates, ms since the epoch; undefined before the first. */
  readonly firstAt?: number
  readonly lastAt?: number
  /** Never forgotten, and it survives when merged: see `protect`. */
  readonly isProtected: boolean
}

/**
 * Groups latents as they come, in constant time and memory. Calls are synchronous; none keeps the arrays that it is given. A call that
 * throws has changed nothing.
 */
export interface Clusterer {
  readonly method: 'kmeans' | 'gmm' | 'denstream'
  /** Length of a latent. */
  readonly dimensions: number
  /** Number of clusters now. */
  readonly size: number
  /** Latents learned since training. Equal to the counts of all clusters and of the forgotten ones. */
  readonly updates: number
  /**
   * Learns a latent.
   * @param time ms since the epoch, for first and last times only: fading goes by the number of latents
   * @param isAnomalous the window is: it belongs to a cluster of mostly normal windows only near its centre, see `reach`
   * @throws AUSCULT_NON_FINITE, AUSCULT_INPUT_SHAPE
   */
  update(latent: Float32Array, time: number, isAnomalous?: boolean): Update
  /** The same without learning; undefined when there is no cluster yet. @throws AUSCULT_NON_FINITE, AUSCULT_INPUT_SHAPE */
  assign(latent: Float32Array): Assignment | undefined
  /** All clusters, in the order of their ids. */
  clusters(): Cluster[]
  /** The id that a cluster has now: its own, or that of the cluster it was merged into; undefined for forgotten and unknown ids. */
  resolve(id: number): number | undefined
  /** Keeps a cluster that people refer to (labelled, muted). Two protected clusters are never merged. @throws AUSCULT_USAGE for an unknown id */
  protect(id: number, on: boolean): void
  /** Gives no id below `next` to clusters to come: they were given by another clusterer. */
  reserve(next: number): void
  /** Everything, so that `restoreClusterer` goes on bit for bit. Can be written as JSON. */
  snapshot(): ClustererSnapshot
}
