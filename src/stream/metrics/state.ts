import type { ComponentStatus, SourceStatus } from '../telemetry.ts'

/** Everything that is pulled when metrics are scraped. Taken at one moment, so that the accounting identity holds in each scrape. */
export interface MetricsState {
  readonly sources: readonly SourceStatus[]
  /** As /readyz shows them. */
  readonly components: Readonly<Record<string, ComponentStatus>>
  readonly workerRestarts: number
  readonly scorer: ScorerCounts
  readonly store: StoreCounts
  readonly websocket: WebSocketCounts
  readonly webhooks: readonly WebhookCounts[]
  /** Events that wait for Kafka; undefined where none are sent there. */
  readonly kafkaLag: number | undefined
  readonly clusters: ClusterCounts
  readonly evidence: EvidenceCounts
  readonly map: { readonly placed: number; readonly skipped: number }
  readonly views: { readonly skipped: number }
  /** Mutes in force. */
  readonly mutes: number
}

export interface ScorerCounts {
  /** Threads by the device that they compute on. */
  readonly devices: Readonly<Record<string, number>>
  /** How often one lost its device and went on with the CPU. */
  readonly fallbacks: number
}

export interface StoreCounts {
  /** That are kept, and the bytes that the store takes. */
  readonly events: number
  readonly bytes: number
}

export interface WebSocketCounts {
  readonly clients: number
  /** Messages that slow clients did not get. */
  readonly unsentScores: number
  readonly unsentViews: number
  /** Messages of clients that were answered with an error. */
  readonly errors: number
  /** By reason. */
  readonly closed: Readonly<Record<string, number>>
  readonly refused: Readonly<Record<string, number>>
}

export interface WebhookCounts {
  readonly name: string
  readonly outcomes: Readonly<Record<string, number>>
  /** Events that wait to be delivered. */
  readonly lag: number
}

export interface ClusterCounts {
  readonly size: number
  readonly births: number
  readonly merges: number
  /** Latents that were not finite. */
  readonly refused: number
}

export interface EvidenceCounts {
  readonly explained: number
  readonly failed: number
  readonly skipped: number
  /** On the disk. */
  readonly bytes: number
}
