import type { EpisodeState } from '../../types.ts'
import type { WireError } from '../scorer-protocol.ts'
import type { EventDatabase } from './database.ts'
import type { EpisodeQuery } from './episode-query.ts'

export type { EpisodeQuery }

/** What the thread of the store is started with. */
export interface StoreWorkerData {
  /** Null: in memory. */
  readonly path: string | null
  /** Numbers up to this one are taken, whatever the file says. */
  readonly taken: number
  readonly gate: SharedArrayBuffer
}

export interface EventRow {
  readonly eventId: string
  readonly type: string
  readonly source: string
  /** The event as JSON, on one line. */
  readonly text: string
  readonly episode?: { readonly id: string; readonly state: EpisodeState; readonly text: string }
}

/** What goes to the disk as one transaction. */
export interface WriteGroup {
  /** Milliseconds since the epoch, for retention by age. */
  readonly now: number
  readonly events: readonly EventRow[]
  /** Values as JSON, by key; null removes the key. */
  readonly state: readonly (readonly [key: string, json: string | null])[]
  readonly cursors: readonly (readonly [name: string, seq: number])[]
}

/** How far the store reaches. */
export interface Extent {
  /** The oldest number that is kept; `last + 1` when there is none. */
  readonly first: number
  /** The latest number ever given. */
  readonly last: number
  /** Bytes that are in use, of the file or of memory. */
  readonly bytes: number
}

export interface Opened extends Extent {
  /** Made once with the database: another one counts from another beginning. */
  readonly id: string
  /** Open episodes as lines of JSON. */
  readonly open: string
}

export interface AuditQuery {
  readonly limit: number
  /** Only decisions whose number is below this. */
  readonly before?: number
}

export interface TrimLimits {
  /** Events stored before this time go. */
  readonly before: number | null
  /** While more bytes than this are in use, the oldest events go. */
  readonly bytes: number | null
}

export interface Trimmed extends Extent {
  readonly deleted: number
  /** Whether there is more to delete. */
  readonly more: boolean
  /** Names of cursors that had not come as far as what was deleted. */
  readonly overtaken: readonly string[]
}

/** Methods of the database that another thread may call. */
export type Calls = Pick<
  EventDatabase,
  'write' | 'page' | 'episodes' | 'episode' | 'audit' | 'cursor' | 'state' | 'states' | 'trim'
>

export type ToStore =
  | {
      readonly type: 'call'
      readonly id: number
      readonly method: keyof Calls
      readonly args: readonly unknown[]
    }
  | { readonly type: 'close' }

export type FromStore =
  | { readonly type: 'opened'; readonly opened: Opened }
  | { readonly type: 'refused'; readonly error: WireError }
  | { readonly type: 'done'; readonly id: number; readonly result: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: WireError }
