import type { BundleClusters } from '../model/clusters/bundle-clusters.ts'
import type { ClustersConfig } from '../model/clusters/config.ts'
import { fitClusterer } from '../model/clusters/create.ts'
import { Exemplars } from '../model/clusters/exemplars.ts'

export interface GroupedLatents {
  clusters: BundleClusters
  /** `[n]`: the cluster of each latent; null where there is none. */
  assigned: (number | null)[]
}

export interface NamedLatents {
  /** `[n × dimensions]` */
  latents: Float32Array
  dimensions: number
  /** `[n]`: what the windows are called. */
  windows: readonly string[]
}

/** Of each cluster. */
const MOST_EXEMPLARS = 8

/**
 * Finds the clusters of training latents, and the windows that show best what each is like.
 * @throws AUSCULT_CONFIG when k is larger than n, AUSCULT_NON_FINITE, AUSCULT_INPUT_SHAPE
 */
export function groupLatents(
  { latents, dimensions, windows }: NamedLatents,
  config: ClustersConfig,
  seed: number,
): GroupedLatents {
  const clusterer = fitClusterer(latents, dimensions, config, seed)
  const latentOf = (i: number) => latents.subarray(i * dimensions, (i + 1) * dimensions)
  const assigned: (number | null)[] = []
  const members = new Map<number, { i: number; distance: number }[]>()
  for (const i of windows.keys()) {
    const assignment = clusterer.assign(latentOf(i))
    assigned.push(assignment?.id ?? null)
    if (!assignment) continue
    const { id, distance } = assignment
    const own = members.get(id) ?? []
    members.set(id, own)
    own.push({ i, distance })
  }
  const exemplars = new Exemplars(MOST_EXEMPLARS)
  for (const [id, own] of members) {
    const typical = own.sort((a, b) => a.distance - b.distance).slice(0, MOST_EXEMPLARS)
    for (const { i, distance } of typical) exemplars.offer(id, { window: windows[i], time: 0, distance }, latentOf(i))
  }
  return { clusters: { config, clusterer: clusterer.snapshot(), exemplars: exemplars.snapshot() }, assigned }
}
