import type { ClusterStatus } from '../clusters/cluster-status.ts'
import type { Deciding } from '../decisions/types.ts'
import type { Evidence } from '../evidence/evidence.ts'
import type { PlacedPoint } from '../map/latent-map.ts'
import type { TrainingMap } from '../map/map-protocol.ts'
import type { RecentScores } from '../recent-scores.ts'
import type { StatusJson } from '../status.ts'
import type { EventStore } from '../store/event-store.ts'
import type { ComponentStatus, SourceStatus } from '../telemetry.ts'
import type { Webhooks } from '../webhook/webhooks.ts'

export interface ClustersView {
  /** By id, those after `after`. */
  list(query: { readonly limit: number; readonly after?: number }): readonly ClusterStatus[]
  /** The cluster of this id, or the one that it was merged into. */
  get(id: number): ClusterStatus | undefined
}

export interface ClipView {
  /** Media type. */
  readonly type: string
  readonly bytes: Uint8Array
  /** Name of the file. */
  readonly name: string
}

export interface EvidenceView {
  /** Undefined where nothing is kept of the episode. */
  read(episodeId: string): Promise<Evidence | undefined>
  clip(episodeId: string): Promise<ClipView | undefined>
}

export interface MapView {
  /** The map of the training; undefined where there is none, or not yet. */
  json(): TrainingMap | undefined
  /** Windows that were placed while running, in order, those after `after`. */
  points(query: { readonly after?: number; readonly limit: number }): readonly PlacedPoint[]
}

/** What the HTTP interface shows, and what can be decided there. */
export interface DaemonView {
  /** Parts by name; ready when all are. */
  components(): Record<string, ComponentStatus>
  sources(): readonly SourceStatus[]
  info(): object
  status(): StatusJson
  metrics(): Promise<{ type: string; body: string }>
  readonly store: Pick<EventStore, 'episodes' | 'episode' | 'audit' | 'search' | 'last'>
  readonly decisions: Omit<Deciding, 'policyOf' | 'calibrationOf'>
  readonly clusters: ClustersView
  readonly evidence: EvidenceView
  readonly map: MapView
  readonly scores: Pick<RecentScores, 'of'>
  readonly webhooks: Pick<Webhooks, 'list' | 'test'>
}
