/** A member of the group, as whoever shares out the partitions sees it. */
export interface GroupMember {
  readonly id: string
  readonly topics: readonly string[]
  /** Partitions that it reads, or read last, as `topic/partition`. */
  readonly had: readonly string[]
  /** Whether it still is a member that had them, and does not come back after it was cut off. */
  readonly stayed: boolean
}

export interface SharedPartition {
  readonly topic: string
  /** `topic/partition`. */
  readonly place: string
}

/**
 * Shares out partitions evenly, and so that few move: a source keeps its detector where its partition stays. Among members with the same
 * topics loads differ by one at most. A partition of a topic that nobody wants goes to nobody.
 * @returns places by member id
 */
export function share(partitions: readonly SharedPartition[], members: readonly GroupMember[]): Map<string, string[]> {
  const shares = new Map<string, string[]>(members.map(({ id }) => [id, []]))
  const sorted = [...members].sort((a, b) => Number(b.stayed) - Number(a.stayed) || (a.id < b.id ? -1 : 1))
  const owner = new Map<string, GroupMember>()
  for (const member of sorted) for (const place of member.had) if (!owner.has(place)) owner.set(place, member)
  const load = ({ id }: GroupMember) => shares.get(id)!.length
  const free: SharedPartition[] = []
  for (const partition of partitions) {
    const member = owner.get(partition.place)
    if (member?.topics.includes(partition.topic)) shares.get(member.id)!.push(partition.place)
    else free.push(partition)
  }
  const least = (topic: string) =>
    sorted
      .filter(({ topics }) => topics.includes(topic))
      .reduce<GroupMember | undefined>(
        (best, member) => (best && load(best) <= load(member) ? best : member),
        undefined,
      )
  for (const { topic, place } of free) shares.get(least(topic)?.id ?? '')?.push(place)
  even(partitions, sorted, shares, least)
  return shares
}

/** Moves partitions from those who have more to those who have less, while that makes a difference. */
function even(
  partitions: readonly SharedPartition[],
  members: readonly GroupMember[],
  shares: Map<string, string[]>,
  least: (topic: string) => GroupMember | undefined,
): void {
  const topicOf = new Map(partitions.map(({ place, topic }) => [place, topic]))
  for (let moved = true; moved; ) {
    moved = false
    for (const { id } of members) {
      const own = shares.get(id)!
      for (let i = own.length - 1; i >= 0; i--) {
        const to = shares.get(least(topicOf.get(own[i])!)!.id)!
        if (own.length - to.length < 2) continue
        to.push(...own.splice(i, 1))
        moved = true
      }
    }
  }
}
