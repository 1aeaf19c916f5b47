import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import type { Cluster, Merge } from './clusterer.ts'

const count = z.number().int().nonnegative()

const entrySchema = z.strictObject({
  id: z.number().int().positive(),
  trained: count,
  count,
  /** Of these, anomalous ones. */
  anomalous: count.default(0),
  first: z.number().nullable(),
  last: z.number().nullable(),
  protected: z.boolean(),
})

export const rosterSchema = z.strictObject({
  next: z.number().int().positive(),
  updates: count,
  entries: z.array(entrySchema),
  /** Merged ids, oldest first: [from, into]. */
  merged: z.array(z.tuple([z.number(), z.number()])),
})

/** What is known of a cluster besides its place. */
export type Entry = z.infer<typeof entrySchema>
export type RosterState = z.infer<typeof rosterSchema>

/** Merged ids that are remembered; the oldest give way. */
const REMEMBERED = 10_000

/** Who the clusters are: ids, counts and times, in the order of ids, apart from where they are. Ids are never used again. */
export class Roster {
  readonly entries: Entry[]
  private readonly merged: Map<number, number>
  private next: number
  private total: number

  constructor(state?: RosterState) {
    this.entries = (state?.entries ?? []).map(entry => ({ ...entry }))
    this.merged = new Map(state?.merged)
    this.next = state?.next ?? 1
    this.total = state?.updates ?? 0
  }

  get updates(): number {
    return this.total
  }

  /** Gives no id below `next` to clusters to come. */
  reserve(next: number): void {
    this.next = Math.max(this.next, next)
  }

  /** Adds a cluster at the end. */
  add(trained = 0): Entry {
    const entry = { id: this.next++, trained, count: 0, anomalous: 0, first: null, last: null, protected: false }
    this.entries.push(entry)
    return entry
  }

  count(entry: Entry, time: number, isAnomalous = false): void {
    this.total++
    entry.count++
    if (isAnomalous) entry.anomalous++
    entry.first = Math.min(entry.first ?? time, time)
    entry.last = Math.max(entry.last ?? time, time)
  }

  /** Whether most of what fell to it, in training and since, is anomalous. */
  isAnomalous({ trained, count, anomalous }: Entry): boolean {
    return 2 * anomalous > trained + count
  }

  /** Whether `a` goes on when it merges with `b`: the protected one, else the trained one, else the older one. */
  outlives(a: Entry, b: Entry): boolean {
    if (a.protected !== b.protected) return a.protected
    if (a.trained > 0 !== b.trained > 0) return a.trained > 0
    return a.id < b.id
  }

  mayMerge(a: Entry, b: Entry): boolean {
    return !(a.protected && b.protected)
  }

  merge(from: Entry, into: Entry): Merge {
    into.count += from.count
    into.anomalous += from.anomalous
    into.trained += from.trained
    if (from.first !== null) into.first = Math.min(into.first ?? from.first, from.first)
    if (from.last !== null) into.last = Math.max(into.last ?? from.last, from.last)
    into.protected ||= from.protected
    this.remove(from)
    this.merged.set(from.id, into.id)
    if (this.merged.size > REMEMBERED) this.merged.delete(this.merged.keys().next().value!)
    return { from: from.id, into: into.id }
  }

  remove(entry: Entry): void {
    this.entries.splice(this.entries.indexOf(entry), 1)
  }

  /** Row of the cluster of the least weight among those that were neither trained nor protected; of equals the one longest not seen. */
  lightest(weightOf: (row: number) => number): number | undefined {
    let found: number | undefined
    this.entries.forEach((entry, row) => {
      if (entry.trained > 0 || entry.protected) return
      if (found === undefined) found = row
      const heavier = weightOf(row) - weightOf(found)
      if (heavier < 0 || (heavier === 0 && entry.last! < this.entries[found].last!)) found = row
    })
    return found
  }

  describe({
    id,
    trained,
    count,
    first,
    last,
    protected: isProtected,
  }: Entry): Omit<Cluster, 'weight' | 'centre' | 'radius'> {
    const times = first === null || last === null ? {} : { firstAt: first, lastAt: last }
    return { id, trained, count, ...times, isProtected }
  }

  find(id: number): Entry | undefined {
    return this.entries.find(entry => entry.id === id)
  }

  resolve(id: number): number | undefined {
    let now: number | undefined = id
    while (now !== undefined && !this.find(now)) now = this.merged.get(now)
    return now
  }

  protect(id: number, on: boolean): void {
    const now = this.resolve(id)
    const entry = now === undefined ? undefined : this.find(now)
    if (!entry) {
      throw new AuscultError('AUSCULT_USAGE', `there is no cluster ${id}`, {
        remedy: 'List the clusters to see their ids.',
      })
    }
    entry.protected = on
  }

  state(): RosterState {
    return {
      next: this.next,
      updates: this.total,
      entries: this.entries.map(entry => ({ ...entry })),
      merged: [...this.merged],
    }
  }
}
