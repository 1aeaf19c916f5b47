import type { ClustersConfig } from '../model/clusters/config.ts'
import { fitClusterer } from '../model/clusters/create.ts'
import { adjustedRandIndex, normalizedMutualInformation, purity } from './cluster-metrics.ts'
import { countsOf } from './counts-of.ts'

/** How a grouping agrees with classes: see cluster-metrics. */
export interface Agreement {
  purity: number
  adjusted_rand_index: number
  normalized_mutual_information: number
  /** Share of the most frequent class: the purity of one cluster for all. */
  largest_class: number
  items: number
}

export interface ClusterRow {
  id: number
  count: number
  mean_score: number
  /** Items of each class; those without a class are not in it. */
  classes: Record<string, number>
}

/** Groups of a set of items. */
export interface ClusterReport {
  /** In the order of their ids. */
  clusters: ClusterRow[]
  /** With the classes of the items; null where there are fewer than two. */
  classes: Agreement | null
  /** With what the threshold makes of the scores; null where that is the same for all. */
  decisions: Agreement | null
  /** `[n]`: the cluster of each item. */
  assigned: number[]
}

export interface ClusteredItems {
  /** `[n × dimensions]` */
  places: Float32Array
  dimensions: number
  /** `[n]` */
  scores: ArrayLike<number>
  threshold: number
  /** `[n]`: any words; null where an item has none. Items without are left out of the agreement with classes. */
  classes: readonly (string | null)[]
}

/**
 * Groups items by their places and says how the groups agree with classes, and with the decisions of the anomaly score.
 * @throws AUSCULT_CONFIG when k is larger than n, AUSCULT_NON_FINITE, AUSCULT_INPUT_SHAPE
 */
export function clusterItems(items: ClusteredItems, config: ClustersConfig, seed: number): ClusterReport {
  const { places, dimensions, scores, threshold, classes } = items
  const clusterer = fitClusterer(places, dimensions, config, seed)
  const assigned = classes.map(
    (_, i) => clusterer.assign(places.subarray(i * dimensions, (i + 1) * dimensions))?.id ?? 0,
  )
  const decided = classes.map((_, i) => (scores[i] > threshold ? -1 : 1))
  const known = [...classes.keys()].filter(i => classes[i] !== null)
  return {
    clusters: [...new Set(assigned)].sort((a, b) => a - b).map(id => describe(id, assigned, items)),
    classes: agreement(
      known.map(i => classes[i]!),
      known.map(i => assigned[i]),
    ),
    decisions: agreement(decided, assigned),
    assigned,
  }
}

function describe(id: number, assigned: readonly number[], { scores, classes }: ClusteredItems): ClusterRow {
  const own = [...assigned.keys()].filter(i => assigned[i] === id)
  const mean_score = own.reduce((sum, i) => sum + scores[i], 0) / own.length
  return { id, count: own.length, mean_score, classes: Object.fromEntries(countsOf(own.map(i => classes[i]))) }
}

function agreement(truth: readonly (string | number)[], clusters: readonly number[]): Agreement | null {
  const counts = countsOf(truth)
  if (counts.size < 2) return null
  return {
    purity: purity(truth, clusters),
    adjusted_rand_index: adjustedRandIndex(truth, clusters),
    normalized_mutual_information: normalizedMutualInformation(truth, clusters),
    largest_class: Math.max(...counts.values()) / truth.length,
    items: truth.length,
  }
}
