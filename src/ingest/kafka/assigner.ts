import { AssignerProtocol, type Cluster, type PartitionAssigner } from '../../kafka.ts'
import { type GroupMember, type SharedPartition, share } from './share.ts'

const NAME = 'auscult-sticky'
const VERSION = 1

/** What a member tells of itself when it joins. */
export interface Claims {
  readonly had: readonly string[]
  readonly stayed: boolean
}

/**
 * Shares out the partitions of a group as `share` does, among the members that subscribe to their topic.
 * @param claims what this process tells of itself, asked at each join
 */
export function stickyAssigner(cluster: Cluster, claims: () => Claims): ReturnType<PartitionAssigner> {
  const { MemberMetadata, MemberAssignment } = AssignerProtocol
  return {
    name: NAME,
    version: VERSION,
    protocol: ({ topics }) => {
      const userData = Buffer.from(JSON.stringify(claims()))
      return { name: NAME, metadata: MemberMetadata.encode({ version: VERSION, topics, userData }) }
    },
    assign: async ({ members }) => {
      const known = members.map(({ memberId, memberMetadata }): GroupMember => {
        const { topics, userData } = MemberMetadata.decode(memberMetadata)!
        return { id: memberId, topics, ...readClaims(userData) }
      })
      const topics = [...new Set(known.flatMap(member => member.topics))]
      await cluster.addMultipleTargetTopics(topics)
      const shares = share(
        topics.flatMap(topic => partitionsOf(cluster, topic)),
        known,
      )
      return [...shares].map(([memberId, places]) => {
        const assignment = byTopic(places)
        return {
          memberId,
          memberAssignment: MemberAssignment.encode({ version: VERSION, assignment, userData: NOTHING }),
        }
      })
    },
  }
}

const NOTHING = Buffer.alloc(0)

const partitionsOf = (cluster: Cluster, topic: string): SharedPartition[] =>
  cluster
    .findTopicPartitionMetadata(topic)
    .map(({ partitionId }) => partitionId)
    .sort((a, b) => a - b)
    .map(partition => ({ topic, place: `${topic}/${partition}` }))

/** What cannot be read counts as nothing had. */
function readClaims(userData: Buffer | null): Claims {
  try {
    const { had, stayed } = JSON.parse(String(userData)) as Partial<Claims>
    return { had: Array.isArray(had) ? had.map(String) : [], stayed: stayed === true }
  } catch {
    return { had: [], stayed: false }
  }
}

function byTopic(places: readonly string[]): Record<string, number[]> {
  const topics: Record<string, number[]> = {}
  for (const place of places) {
    const end = place.lastIndexOf('/')
    const topic = place.slice(0, end)
    topics[topic] ??= []
    topics[topic].push(Number(place.slice(end + 1)))
  }
  return topics
}
