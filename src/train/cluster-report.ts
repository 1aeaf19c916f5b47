import type { ClustersConfig } from '../model/clusters/config.ts'
import { fitClusterer } from '../model/clusters/create.ts'
import { fitPca, project } from '../model/clusters/pca.ts'
import { adjustedRandIndex, normalizedMutualInformation, purity } from './cluster-metrics.ts'

/** How a grouping agrees with labels: see cluster-metrics. */
export interface Agreement {
  purity: number
  adjusted_rand_index: number
  normalized_mutual_information: number
}

/** Groups of a set of latents, as `auscult evaluate` reports them. */
export interface ClusterReport {
  /** What was grouped: latents as they are, or their first principal components. */
  space: 'latent' | 'pca'
  dimensions: number
  clusters: { id: number; count: number; mean_score: number; labels: Record<string, number> }[]
  /** With the labels of the items; null where there are none. */
  labels: Agreement | null
  /** With what the threshold makes of the scores. */
  decisions: Agreement
  /** `[n]`: the cluster of each item. */
  assigned: number[]
}

export interface ClusteredItems {
  /** `[n × dimensions]` */
  latents: Float32Array
  dimensions: number
  /** `[n]` */
  scores: ArrayLike<number>
  threshold: number
  /** `[n]`: any words; null where an item has none. Items without are left out of the agreement with labels. */
  labels: readonly (string | null)[]
}

/**
 * Groups latents and says how the groups agree with labels, and with the decisions of the anomaly score.
 * @param components to how many principal components latents are reduced first; 0 leaves them as they are
 * @throws AUSCULT_CONFIG when k is larger than n, AUSCULT_NON_FINITE, AUSCULT_INPUT_SHAPE
 */
export function clusterItems(
  items: ClusteredItems,
  config: ClustersConfig,
  seed: number,
  components = 0,
): ClusterReport {
  const { scores, threshold, labels } = items
  const { latents, dimensions } = components > 0 ? reduced(items, components) : items
  const clusterer = fitClusterer(latents, dimensions, config, seed)
  const assigned = labels.map(
    (_, i) => clusterer.assign(latents.subarray(i * dimensions, (i + 1) * dimensions))?.id ?? 0,
  )
  const decided = labels.map((_, i) => (scores[i] > threshold ? -1 : 1))
  const known = labels.map((_, i) => i).filter(i => labels[i] !== null)
  return {
    space: components > 0 ? 'pca' : 'latent',
    dimensions,
    clusters: [...new Set(assigned)].sort((a, b) => a - b).map(id => describe(id, assigned, items)),
    labels:
      known.length > 0
        ? agreement(
            known.map(i => labels[i]!),
            known.map(i => assigned[i]),
          )
        : null,
    decisions: agreement(decided, assigned),
    assigned,
  }
}

function describe(id: number, assigned: readonly number[], { scores, labels }: ClusteredItems) {
  const own = assigned.flatMap((cluster, i) => (cluster === id ? [i] : []))
  const counts: Record<string, number> = {}
  for (const i of own) {
    const label = labels[i]
    if (label !== null) counts[label] = (counts[label] ?? 0) + 1
  }
  const mean_score = own.reduce((sum, i) => sum + scores[i], 0) / own.length
  return { id, count: own.length, mean_score, labels: counts }
}

const agreement = (truth: readonly (string | number)[], clusters: readonly number[]): Agreement => ({
  purity: purity(truth, clusters),
  adjusted_rand_index: adjustedRandIndex(truth, clusters),
  normalized_mutual_information: normalizedMutualInformation(truth, clusters),
})

function reduced({ latents, dimensions: d }: ClusteredItems, components: number) {
  const k = Math.min(components, d)
  const pca = fitPca(latents, d, k)
  const places = new Float32Array((latents.length / d) * k)
  for (let i = 0; i * d < latents.length; i++) places.set(project(pca, latents.subarray(i * d, (i + 1) * d)), i * k)
  return { latents: places, dimensions: k }
}

/** Histograms over common bins, one for each group: how scores spread by class, or by cluster. */
export interface GroupedHistogram {
  /** `[bins + 1]` */
  edges: number[]
  /** `[bins]` for each group. */
  counts: Record<string, number[]>
}

/**
 * @param scores `[n]`, finite
 * @param groups `[n]`; items of the group null are left out
 */
export function scoreHistograms(
  scores: ArrayLike<number>,
  groups: readonly (string | number | null)[],
  bins = 40,
): GroupedHistogram {
  const chosen = groups.flatMap((group, i) => (group === null ? [] : [{ group: String(group), score: scores[i] }]))
  const low = chosen.reduce((least, { score }) => Math.min(least, score), Number.POSITIVE_INFINITY)
  const high = chosen.reduce((most, { score }) => Math.max(most, score), Number.NEGATIVE_INFINITY)
  if (chosen.length === 0) return { edges: [], counts: {} }
  const width = (high - low) / bins || 1
  const counts: Record<string, number[]> = {}
  for (const { group, score } of chosen) {
    counts[group] ??= Array<number>(bins).fill(0)
    counts[group][Math.min(bins - 1, Math.floor((score - low) / width))]++
  }
  return { edges: Array.from({ length: bins + 1 }, (_, i) => low + i * width), counts }
}
