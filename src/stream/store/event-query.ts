import type { EventKind } from '../event-facts.ts'

/** Part of the numbers, and how many of it. */
export interface Paging {
  readonly limit: number
  /** Only numbers below this one. */
  readonly before?: number
  /** Only numbers above this one, and the oldest first; without it the latest first. */
  readonly after?: number
}

/** Which events are wanted: those that fit everything that is given. */
export interface EventQuery extends Paging {
  readonly kinds?: readonly EventKind[]
  readonly sources?: readonly string[]
  /** Id of a cluster that they tell of, or that their episode belongs to. */
  readonly cluster?: number
  /** Of this time (`timeOf`) or later, and before that; ms since the epoch. */
  readonly since?: number
  readonly until?: number
  /** Least peak score of the episode, as it was then: no other events have one. */
  readonly minScore?: number
  /** Changes of this episode, and what was decided of it. */
  readonly episode?: string
}

/** Which decisions are wanted. */
export interface AuditQuery extends Paging {
  readonly source?: string
  readonly action?: string
  readonly since?: number
  readonly until?: number
}
