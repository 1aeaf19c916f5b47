import type { Delivery } from '../types.ts'

/** What the pipeline needs of a source; `Source` of src/ingest/source.ts is one. */
export interface Feed {
  readonly name: string
  readonly overflow: 'pause' | 'drop-oldest'
  open?(signal: AbortSignal): Promise<void>
  deliveries(signal: AbortSignal, onFailure: (failure: FeedFailure) => void): AsyncIterable<Delivery>
  /** Of a feed that outlives its troubles: whether windows can come, and if not, why. */
  health?(): { readonly ok: boolean; readonly reason?: string }
}

/** Windows that were received but could not be made into data. */
export interface FeedFailure {
  readonly source: string
  readonly reason: string
  readonly at: string
  readonly error: unknown
  readonly windows: number
}
