import { AuscultError } from '../../errors.ts'
import type { Episode } from '../../types.ts'
import type { EventStore } from '../store/event-store.ts'
import type { ClusterNames } from './mute-book.ts'

/** What decisions need of the clusters. */
export interface NamedClusters extends ClusterNames {
  get(id: number): { readonly label?: string; readonly born?: string } | undefined
  /** Names a cluster, and keeps it from being merged or forgotten. */
  label(id: number, label: string | null): void
  /** Keeps it for another reason, such as a mute. */
  pin(id: number, on: boolean): void
}

export interface LookupsOptions {
  readonly store: Pick<EventStore, 'episode'>
  /** The episode of this id if it is open, as it was published last. */
  readonly openEpisode: (id: string) => Episode | undefined
  readonly clusters: NamedClusters
  readonly sources: () => readonly string[]
}

/** Finds what people name. */
export class Lookups {
  readonly #options: LookupsOptions
  readonly #closed: (id: string) => Episode | undefined

  /** @param closed an episode that was closed a moment ago */
  constructor(options: LookupsOptions, closed: (id: string) => Episode | undefined) {
    this.#options = options
    this.#closed = closed
  }

  /** @throws AUSCULT_NOT_FOUND */
  source(name: string): void {
    if (!this.#options.sources().includes(name)) throw notFound(`there is no source ${name}`, 'List the sources.')
  }

  /** Whether it is one of the clusters in use. */
  isKnown({ clusters_key, cluster }: { readonly clusters_key?: string; readonly cluster?: number }): boolean {
    const { clusters } = this.#options
    return clusters_key === clusters.key && cluster !== undefined && clusters.resolve(cluster) !== undefined
  }

  /** The id that the cluster has now. @throws AUSCULT_NOT_FOUND */
  cluster(id: number): number {
    const now = this.#options.clusters.resolve(id)
    if (now === undefined) throw notFound(`there is no cluster ${id}`, 'List the clusters to see their ids.')
    return now
  }

  /** The cluster of an episode, as it is called now. @throws AUSCULT_USAGE, AUSCULT_NOT_FOUND */
  clusterOf({ id, source, cluster }: Episode): number {
    const remedy = `Mute the source instead: ${source}.`
    if (!cluster) {
      throw new AuscultError('AUSCULT_USAGE', 'this episode belongs to no cluster, so nothing is known to be like it', {
        at: id,
        remedy,
      })
    }
    const now = this.#options.clusters.resolve(cluster.id)
    if (now === undefined || cluster.key !== this.#options.clusters.key) {
      throw notFound(`the cluster ${cluster.id} of this episode is no longer known`, remedy)
    }
    return now
  }

  /** The episode in its latest state. Whoever publishes it again does so without waiting. @throws AUSCULT_NOT_FOUND */
  async episode(id: string): Promise<Episode> {
    const { openEpisode, store } = this.#options
    const stored = openEpisode(id) ? undefined : await store.episode(id)
    const latest = openEpisode(id) ?? this.#closed(id) ?? stored
    if (!latest)
      throw notFound(`there is no episode ${id}`, 'List the episodes; old ones go with store.retention_days.')
    const { seq: _, ...episode } = latest as Episode & { seq?: number }
    return episode
  }
}

export const notFound = (message: string, remedy: string): AuscultError =>
  new AuscultError('AUSCULT_NOT_FOUND', message, { remedy })
