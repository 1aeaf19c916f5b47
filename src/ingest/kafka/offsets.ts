import type { Admin } from '../../kafka.ts'
import type { TopicPartition } from './membership.ts'

/** What the cluster knows of a partition, for a group. */
export interface KnownOffsets extends TopicPartition {
  /** Undefined when the group has committed nothing. */
  readonly committed: number | undefined
  /** What was written beside it. */
  readonly metadata: string | null
  /** The first offset that is still there, and the one behind the last. */
  readonly low: number
  readonly high: number
  /** Whether the group has committed something of this topic. */
  readonly isKnownTopic: boolean
}

/** Looks up partitions of a group. @throws what the client throws */
export async function lookUpOffsets(
  admin: Admin,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<KnownOffsets[]> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))]
  if (topics.length === 0) return []
  const committed = await admin.fetchOffsets({ groupId, topics })
  const ends = await Promise.all(topics.map(topic => admin.fetchTopicOffsets(topic)))
  return partitions.map(({ topic, partition }) => {
    const group = committed.find(each => each.topic === topic)?.partitions ?? []
    const own = group.find(each => each.partition === partition)
    const end = ends[topics.indexOf(topic)].find(each => each.partition === partition)
    const offset = Number(own?.offset ?? -1)
    return {
      topic,
      partition,
      committed: offset >= 0 ? offset : undefined,
      metadata: own?.metadata || null,
      low: Number(end?.low ?? 0),
      high: Number(end?.high ?? 0),
      isKnownTopic: group.some(each => Number(each.offset) >= 0),
    }
  })
}

export interface Start {
  readonly offset: number
  /** What restarts of sound may use; null when messages in between are lost. */
  readonly metadata: string | null
  /** What was lost, in words. */
  readonly gap?: string
}

/**
 * Where to begin: at the committed offset while it is there, else at what is left. Without one where `from` says, except that a
 * partition which was added to a topic that the group reads is read whole.
 */
export function startOf(known: KnownOffsets, from: 'latest' | 'earliest'): Start {
  const { committed, metadata, low, high, isKnownTopic } = known
  if (committed === undefined) return { offset: from === 'latest' && !isKnownTopic ? high : low, metadata: null }
  if (committed < low) {
    const gap = `${low - committed} offsets are gone, from ${committed} on: they were deleted before they were read`
    return { offset: low, metadata: null, gap }
  }
  if (committed > high) {
    const gap = `the log ends at ${high}, before the committed offset ${committed}: it was made anew or cut off`
    return { offset: low, metadata: null, gap }
  }
  return { offset: committed, metadata }
}
