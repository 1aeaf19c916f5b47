import type { Merge, Split, Update } from './clusterer.ts'
import { Roster, type RosterState } from './roster.ts'

/** Shared by updates in which nothing of the kind happened. */
export const NONE: readonly never[] = Object.freeze([])

/** What an update did besides assigning, gathered while it goes on. */
export interface Doings {
  isNew?: boolean
  merged?: readonly Merge[]
  split?: readonly Split[]
  forgotten?: readonly number[]
}

/** An update's result; nothing happened that is not given. */
export function updateOf(id: number, distance: number, radius: number, within: boolean, doings?: Doings): Update {
  const isNew = doings?.isNew ?? false
  const merged = doings?.merged ?? NONE
  const split = doings?.split ?? NONE
  const forgotten = doings?.forgotten ?? NONE
  return { id, distance, radius, within, isNew, merged, split, forgotten }
}

/** The part of a clusterer that answers who its clusters are. */
export abstract class Rostered {
  protected readonly roster: Roster

  constructor(state?: RosterState) {
    this.roster = new Roster(state)
  }

  get size(): number {
    return this.roster.entries.length
  }

  get updates(): number {
    return this.roster.updates
  }

  resolve(id: number): number | undefined {
    return this.roster.resolve(id)
  }

  reserve(next: number): void {
    this.roster.reserve(next)
  }

  protect(id: number, on: boolean): void {
    this.roster.protect(id, on)
  }
}
