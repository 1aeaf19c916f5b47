import type { Cluster } from '../../model/clusters/clusterer.ts'
import type { Knowledge } from './knowledge.ts'

/** A cluster as people ask for it. Times are ms since the epoch. */
export interface ClusterStatus {
  readonly id: number
  /** Window that began it; undefined for clusters of the training. */
  readonly born?: string
  /** What people call it. */
  readonly label?: string
  /** Training latents in it. */
  readonly trained: number
  /** Windows that fell to it since, normal ones included, and when the first and the latest were. */
  readonly windows: number
  readonly firstAt?: number
  readonly lastAt?: number
  /** Latents that its place rests on, faded where old ones fade. */
  readonly weight: number
  /** Up to where a latent belongs to it. */
  readonly radius: number
  /** Closed episodes, and when the first and the latest opened. */
  readonly episodes: number
  readonly firstEpisodeAt?: number
  readonly lastEpisodeAt?: number
  /** Ids of windows that show what it is like, the most typical first. */
  readonly exemplars: readonly string[]
}

export function describe(cluster: Cluster, { births, history, exemplars }: Knowledge, label?: string): ClusterStatus {
  const { id, trained, count: windows, weight, radius, firstAt, lastAt } = cluster
  const born = births.windowOf(id)
  const past = history.of(id)
  return {
    id,
    ...(born !== undefined && { born }),
    ...(label !== undefined && { label }),
    ...{ trained, windows, weight, radius },
    ...(firstAt !== undefined && { firstAt, lastAt }),
    episodes: past.episodes,
    ...(past.firstAt !== undefined && { firstEpisodeAt: past.firstAt, lastEpisodeAt: past.lastAt }),
    exemplars: exemplars.central(id).map(({ window }) => window),
  }
}
