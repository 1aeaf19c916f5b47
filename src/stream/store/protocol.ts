import type { EpisodeState } from '../../types.ts'
import type { EventKind } from '../event-facts.ts'
import type { WireError } from '../scorer-protocol.ts'
import type { EventDatabase } from './database.ts'

/** What the thread of the store is started with. */
export interface StoreWorkerData {
  /** Null: in memory. */
  readonly path: string | null
  /** Numbers up to this one are taken, whatever the file says. */
  readonly taken: number
  readonly gate: SharedArrayBuffer
}

/** What the columns of an event hold. */
export interface EventRow {
  readonly eventId: string
  readonly type: string
  readonly kind: EventKind
  readonly source: string
  /** When it was, ms since the epoch. */
  readonly time: number
  /** Peak score of its episode. */
  readonly score: number | null
  readonly cluster: number | null
  /** The event as JSON, on one line. */
  readonly text: string
  readonly episode?: EpisodeRow
  /** Of a decision. */
  readonly action?: string
}

/** What the columns of an episode hold, besides its source and its numbers. */
export interface EpisodeRow {
  readonly id: string
  readonly state: EpisodeState
  readonly openedAt: number
  readonly peakScore: number
  readonly cluster: number | null
  readonly muted: 0 | 1
  readonly acknowledged: 0 | 1
  /** The episode as JSON, on one line. */
  readonly text: string
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

/** A part of a search. */
export interface Found {
  /** Lines of `number text`. */
  readonly lines: string
  /** The number behind which (in the order of the search) the rest lies; null: there is no more. */
  readonly rest: number | null
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
  'write' | 'page' | 'search' | 'episode' | 'cursor' | 'state' | 'states' | 'trim'
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
