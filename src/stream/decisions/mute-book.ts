import { z } from '../../config.ts'
import type { Episode, EpisodeMute } from '../../types.ts'
import type { SavedMute } from './state.ts'
import type { Mute } from './types.ts'

/** What mutes need to know of the clusters. */
export interface ClusterNames {
  /** Which clusters these are: an id of others means another cluster. */
  readonly key: string
  /** The id that a cluster has now; undefined for forgotten and unknown ones. */
  resolve(id: number): number | undefined
}

interface Count {
  readonly episodes: number
  readonly last_at?: number
}

const countsSchema = z.record(
  z.string(),
  z.strictObject({ episodes: z.number().int().nonnegative(), last_at: z.number().optional() }),
)

/** Which mute an episode falls to, and how many fell to each. */
export class MuteBook {
  readonly #clusters: ClusterNames
  #counts = new Map<string, Count>()
  #changed = false

  constructor(clusters: ClusterNames) {
    this.#clusters = clusters
  }

  /** The first of the mutes that means the episode: its own false alarm, then mutes of sources, those of clusters, and other false alarms. */
  find(mutes: readonly SavedMute[], episode: Episode, now: number): SavedMute | undefined {
    const meant = mutes.filter(mute => this.#means(mute, episode) && !isOver(mute, now))
    return meant.sort((a, b) => rank(a, episode) - rank(b, episode))[0]
  }

  count(id: string, episode: Episode): void {
    const { episodes = 0, last_at = episode.openedAt } = this.#counts.get(id) ?? {}
    this.#counts.set(id, { episodes: episodes + 1, last_at: Math.max(last_at, episode.openedAt) })
    this.#changed = true
  }

  /** The mute with its count. */
  describe({ clusters_key: key, episode_id: episodeId, ...mute }: SavedMute): Mute {
    const { episodes = 0, last_at: lastAt } = this.#counts.get(mute.id) ?? {}
    return {
      ...mute,
      ...(key !== undefined && { key }),
      ...(episodeId !== undefined && { episodeId }),
      episodes,
      ...(lastAt !== undefined && { lastAt }),
      dormant: key !== undefined && key !== this.#clusters.key,
    }
  }

  /** Takes over saved counts of these mutes; what cannot be read begins at 0. @returns whether it could be */
  restore(raw: unknown, mutes: readonly SavedMute[]): boolean {
    const { success, data = {} } = countsSchema.safeParse(raw ?? {})
    this.#counts = new Map(Object.entries(data))
    this.keep(mutes)
    return success
  }

  /** Forgets the counts of all others. */
  keep(mutes: readonly SavedMute[]): void {
    const ids = new Set(mutes.map(({ id }) => id))
    for (const id of this.#counts.keys()) if (!ids.has(id)) this.#counts.delete(id)
  }

  /** All counts, when they have changed since the last call. */
  take(): Record<string, Count> | undefined {
    if (!this.#changed) return undefined
    this.#changed = false
    return Object.fromEntries(this.#counts)
  }

  #means(mute: SavedMute, { id, source, cluster }: Episode): boolean {
    if (mute.source !== undefined && mute.source !== source) return false
    if (mute.cluster === undefined) return true
    if (!cluster || mute.clusters_key !== this.#clusters.key) return false
    if (this.#clusters.resolve(mute.cluster) !== cluster.id) return false
    return mute.reason === 'mute' || mute.episode_id === id || cluster.distance <= cluster.radius
  }
}

export const isOver = ({ until }: SavedMute, now: number): boolean => until !== null && until <= now

export const markOf = ({ id, reason }: SavedMute): EpisodeMute => ({ id, reason })

function rank({ reason, cluster, episode_id }: SavedMute, { id }: Episode): number {
  if (reason === 'false_alarm') return episode_id === id ? 0 : 3
  return cluster === undefined ? 1 : 2
}
