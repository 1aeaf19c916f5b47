import type { Delivery, SourceReports } from '../types.ts'

/** What the pipeline needs of a source; `Source` of src/ingest/source.ts is one. */
export interface Feed {
  readonly name: string
  readonly overflow: 'pause' | 'drop-oldest'
  readonly resumable?: boolean
  readonly replays?: boolean
  open?(signal: AbortSignal): Promise<void>
  deliveries(signal: AbortSignal, reports: SourceReports): AsyncIterable<Delivery>
}
