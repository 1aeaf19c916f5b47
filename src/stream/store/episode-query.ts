import type { EpisodeState } from '../../types.ts'
import type { Paging } from './event-query.ts'

/** Which episodes are wanted: those that fit everything that is given. Their number is that of the event that opened them. */
export interface EpisodeQuery extends Paging {
  readonly source?: string
  readonly state?: EpisodeState
  /** Id of the cluster that they belong to. */
  readonly cluster?: number
  readonly muted?: boolean
  readonly acknowledged?: boolean
  /** Opened at this time or later, and before that; ms since the epoch of the feed. */
  readonly since?: number
  readonly until?: number
  /** Least peak score. */
  readonly minScore?: number
}
