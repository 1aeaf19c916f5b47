import type { Merge, Split } from './clusterer.ts'
import { denseRows, isInReach, isOneHill } from './hills.ts'
import type { MicroClusters } from './micro-clusters.ts'
import type { Roster } from './roster.ts'
import { NONE } from './rostered.ts'

/** Which dense micro-clusters are one cluster: those that form a chain in which each is in reach of the next, and no valley lies between. */
export class Connections {
  private readonly link: number
  private readonly micro: MicroClusters
  private readonly roster: Roster

  constructor(micro: MicroClusters, roster: Roster, link: number) {
    this.link = link
    this.micro = micro
    this.roster = roster
  }

  private isInReach(a: number, b: number): boolean {
    return isInReach(this.micro, a, b, this.link)
  }

  /** Weight of the heaviest dense micro-cluster of a cluster. */
  private summit(id: number): number {
    const { micro } = this
    let most = 0
    for (let row = 0; row < micro.count; row++) {
      if (micro.cluster(row) === id && micro.isDense(row)) most = Math.max(most, micro.weight(row))
    }
    return most
  }

  /** Merges the cluster of a dense micro-cluster with those of all dense ones in its reach that no valley parts from it. */
  join(row: number): readonly Merge[] {
    const { micro, roster } = this
    let merged: Merge[] | undefined
    for (let other = 0; other < micro.count; other++) {
      const [mine, theirs] = [micro.cluster(row), micro.cluster(other)]
      if (mine === theirs || !micro.isDense(other) || !this.isInReach(row, other)) continue
      const saddle = Math.min(micro.weight(row), micro.weight(other))
      if (!isOneHill(saddle, this.summit(mine), this.summit(theirs))) continue
      const [a, b] = [roster.find(mine)!, roster.find(theirs)!]
      if (!roster.mayMerge(a, b)) continue
      const [into, from] = roster.outlives(a, b) ? [a, b] : [b, a]
      for (let i = 0; i < micro.count; i++) if (micro.cluster(i) === from.id) micro.setCluster(i, into.id)
      merged ??= []
      merged.push(roster.merge(from, into))
    }
    return merged ?? NONE
  }

  /** Gives ids of their own to the parts that clusters have fallen into; the heaviest part keeps the id. At most `room` new ones. */
  separate(room: number): readonly Split[] {
    const { micro, roster } = this
    const splits: Split[] = []
    for (const { id } of [...roster.entries]) {
      const parts = this.parts(row => micro.cluster(row) === id)
      for (const part of parts.slice(1, 1 + Math.max(0, room - splits.length))) {
        const entry = roster.add()
        for (const row of part) micro.setCluster(row, entry.id)
        splits.push({ from: id, into: entry.id })
      }
    }
    return splits
  }

  /** The connected parts of some of the dense micro-clusters, the heaviest first. */
  private parts(has: (row: number) => boolean): number[][] {
    const left = denseRows(this.micro).filter(has)
    const parts: number[][] = []
    while (left.length > 0) {
      const part = [left.shift()!]
      for (let i = 0; i < part.length; i++) {
        for (let j = left.length - 1; j >= 0; j--) {
          if (this.isInReach(part[i], left[j])) part.push(...left.splice(j, 1))
        }
      }
      parts.push(part)
    }
    const weight = (rows: readonly number[]) => rows.reduce((sum, row) => sum + this.micro.weight(row), 0)
    return parts.sort((a, b) => weight(b) - weight(a))
  }
}
