import { checkConfig } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import type { Bundle } from '../../model/bundle.ts'
import { type ClustersConfig, clustersSchema } from '../../model/clusters/config.ts'
import { type ClusterReport, clusterItems } from '../cluster-report.ts'
import type { Item } from './items.ts'
import { checkMap, placesOf, type Space } from './spaces.ts'

export interface ClusterOptions {
  method: ClustersConfig['method']
  /** Clusters to find; `auto` (the default) tries 1 to 10. Not for denstream, which finds their number itself. */
  k?: number | 'auto'
  /** Default `latent`. */
  space?: Space
}

/** Groups of the items, as `auscult evaluate --clusters` reports them. */
export interface ClusterEvaluation extends Omit<ClusterReport, 'assigned'> {
  method: ClustersConfig['method']
  /** As asked for; null for denstream. */
  k: number | 'auto' | null
  space: Space
  dimensions: number
  seed: number
}

export interface Judged {
  readonly items: readonly Item[]
  readonly threshold: number
  /** `[n]` */
  readonly classes: readonly (string | null)[]
}

/** Before recordings are scored. @throws AUSCULT_USAGE, AUSCULT_BUNDLE as evaluateClusters */
export function checkClusterOptions(options: ClusterOptions | undefined, bundle: Bundle): void {
  if (!options) return
  clustersConfig(options)
  if (options.space === 'map') checkMap(bundle)
}

/** @throws AUSCULT_USAGE for an option that does not fit the method */
function clustersConfig({ method, k }: ClusterOptions): ClustersConfig {
  if (method === 'denstream' && k !== undefined && k !== 'auto') {
    throw new AuscultError('AUSCULT_USAGE', 'denstream finds the number of clusters itself', {
      at: '--k',
      remedy: 'Leave --k out, or take --clusters kmeans or gmm.',
    })
  }
  const most = typeof k === 'number' ? { k, max_clusters: Math.max(64, k) } : {}
  return checkConfig({ method, ...most }, clustersSchema, '--clusters', 'k is a whole number up to 1024, or auto.')
}

/**
 * @returns the report, and the cluster of each item
 * @throws AUSCULT_USAGE when k is larger than the number of items, AUSCULT_BUNDLE for the map of a bundle that has none
 */
export function evaluateClusters(
  { items, threshold, classes }: Judged,
  options: ClusterOptions,
  bundle: Bundle,
  seed: number,
): { report: ClusterEvaluation; assigned: number[] } {
  const { method, k = 'auto', space = 'latent' } = options
  const config = clustersConfig(options)
  if (k !== 'auto' && k > items.length) {
    throw new AuscultError('AUSCULT_USAGE', `${k} clusters cannot be found in ${items.length} items`, {
      at: '--k',
      remedy: 'Take a smaller --k, give more recordings, or take each window with --per window.',
    })
  }
  const placed = placesOf(items, space, bundle)
  const scores = items.map(({ score }) => score)
  const { assigned, ...report } = clusterItems({ ...placed, scores, threshold, classes }, config, seed)
  const { dimensions } = placed
  return { report: { method, k: method === 'denstream' ? null : k, space, dimensions, seed, ...report }, assigned }
}
