import type { Deciding } from '../decisions/types.ts'
import type { EventStore } from '../store/event-store.ts'
import type { ComponentStatus, SourceStatus } from '../telemetry.ts'

/** A cluster as it is at this moment. Times are ms since the epoch. */
export interface ClusterView {
  readonly id: number
  /** Window that began it; undefined for clusters of the training. */
  readonly born?: string
  readonly label?: string
  /** Whether it is of the training. */
  readonly trained: boolean
  readonly windows: number
  /** Windows that count now, where the clusters forget. */
  readonly weight: number
  readonly radius: number
  /** Of its windows while running. */
  readonly firstAt?: number
  readonly lastAt?: number
  readonly episodes: number
  readonly firstEpisodeAt?: number
  readonly lastEpisodeAt?: number
  /** Ids of windows that are most like it. */
  readonly exemplars: readonly string[]
}

export interface ClustersView {
  /** By id, those after `after`. */
  list(query: { readonly limit: number; readonly after?: number }): readonly ClusterView[]
  get(id: number): ClusterView | undefined
}

export interface ClipView {
  /** Media type. */
  readonly type: string
  readonly bytes: Uint8Array
  /** Name of the file. */
  readonly name: string
}

export interface EvidenceView {
  /** As JSON; undefined where nothing is kept of the episode. */
  read(episodeId: string): Promise<object | undefined>
  clip(episodeId: string): Promise<ClipView | undefined>
}

export interface MapView {
  /** The map of the training; undefined where the bundle has none. */
  json(): object | undefined
  /** Windows that were placed while running, in order, those after `after`. */
  points(query: { readonly after?: number; readonly limit: number }): readonly { readonly seq: number }[]
}

/** What the HTTP interface shows, and what can be decided there. */
export interface DaemonView {
  /** Parts by name; ready when all are. */
  components(): Record<string, ComponentStatus>
  sources(): readonly SourceStatus[]
  info(): object
  metrics(): Promise<{ type: string; body: string }>
  readonly store: Pick<EventStore, 'episodes' | 'episode' | 'audit'>
  readonly decisions: Omit<Deciding, 'policyOf' | 'calibrationOf'>
  readonly clusters: ClustersView
  readonly evidence: EvidenceView
  readonly map: MapView
}
