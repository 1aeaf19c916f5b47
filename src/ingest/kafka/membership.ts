import {
  type Consumer,
  type EachBatchPayload,
  isRebalance,
  type Kafka,
  type KafkaMessage,
  type PartitionAssigner,
} from '../../kafka.ts'
import { stickyAssigner } from './assigner.ts'
import { heartbeatMs, type KafkaSourceConfig } from './config.ts'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** What was fetched of one partition. */
export interface FetchedBatch extends TopicPartition {
  readonly messages: readonly KafkaMessage[]
  /** The offset that was asked for. */
  readonly fetchedFrom: number
  /** The offset behind this batch; what it passes over without a message holds nothing to read. */
  readonly next: number
  /** The offset behind the partition's last message. */
  readonly high: number
}

export interface CommittedOffset extends TopicPartition {
  readonly offset: number
}

/** Whoever reads the partitions. */
export interface Member {
  /** What it reads now, or read in the membership before, as `topic/partition`. */
  places(): readonly string[]
  /** The group is about to be joined anew. Until this resolves the partitions are still ours, and offsets can be committed. */
  revoke(): Promise<void>
  /** The partitions that are ours from now on. They are paused. */
  assign(partitions: readonly TopicPartition[]): void
  /** Resolves with the offset to go on at: `next`, or before it where the member did not take all. */
  read(batch: FetchedBatch): Promise<number>
  /** The log holds nothing to read before this offset. */
  skip(partition: TopicPartition, next: number, high: number): void
  committed(offsets: readonly CommittedOffset[]): void
}

/** Partitions of one broker that are read side by side, so that none waits for another. */
const SIDE_BY_SIDE = 64
/** Attempts of the client within a membership; after that the source makes a new one. 6 s in all. */
const RETRY = { initialRetryTime: 200, factor: 0.2, multiplier: 2, maxRetryTime: 2000, retries: 5 }

/**
 * A membership in a consumer group, from joining to leaving or breaking off.
 *
 * Heartbeats go out on a timer of their own, so a reader may take its time. When the group rebalances, the reader is asked to `revoke`
 * before this process joins anew. kafkajs has no such callback, but looks up the group's coordinator at the start of each join, through
 * the cluster that it gives to partition assigners: there the join waits.
 */
export class Membership {
  readonly #consumer: Consumer
  readonly #member: Member
  readonly #topics: readonly string[]
  readonly #heartbeatMs: number
  readonly #broken: Promise<never>
  #break: (error: unknown) => void = () => {}
  #heartbeat: (() => Promise<void>) | undefined
  #timer: NodeJS.Timeout | undefined
  /** In the group, up to the next join. */
  #isIn = false
  /** Has been in the group. */
  #joined = false
  #leaving = false

  constructor(kafka: Kafka, config: KafkaSourceConfig, member: Member) {
    this.#member = member
    this.#topics = config.topics
    this.#heartbeatMs = heartbeatMs(config)
    this.#broken = new Promise((_, reject) => {
      this.#break = reject
    })
    this.#broken.catch(() => {})
    this.#consumer = kafka.consumer({
      groupId: config.group_id,
      sessionTimeout: config.session_timeout_ms,
      rebalanceTimeout: config.rebalance_timeout_ms,
      heartbeatInterval: this.#heartbeatMs,
      maxBytesPerPartition: config.max_bytes_per_partition,
      maxBytes: config.max_bytes,
      maxWaitTimeInMs: config.max_wait_ms,
      allowAutoTopicCreation: false,
      metadataMaxAge: config.metadata_max_age_ms,
      partitionAssigners: [this.#assigner],
      retry: { ...RETRY, restartOnFailure: async () => false },
    })
    this.#listen()
  }

  /** Joins and reads until `leave`. @throws what broke the membership off */
  async run(): Promise<never> {
    await this.#consumer.connect()
    // Where to begin is decided by the reader; this is where kafkajs goes on when the log was cut off below the position.
    await this.#consumer.subscribe({ topics: [...this.#topics], fromBeginning: true })
    this.#timer = setInterval(() => this.#beat(), this.#heartbeatMs / 3).unref()
    const reading = this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: SIDE_BY_SIDE,
      eachBatch: payload => this.#read(payload),
    })
    await Promise.race([reading, this.#broken])
    return this.#broken
  }

  /** Gives the partitions back and disconnects. May be called at any time, once. Never throws. */
  async leave(): Promise<void> {
    this.#leaving = true
    clearInterval(this.#timer)
    await this.#consumer.disconnect().catch(() => {})
  }

  /** `Member.committed` tells what the broker took. */
  async commit(offsets: readonly (CommittedOffset & { readonly metadata: string | null })[]): Promise<void> {
    await this.#consumer.commitOffsets(offsets.map(each => ({ ...each, offset: String(each.offset) })))
  }

  seek({ topic, partition, offset }: CommittedOffset): void {
    this.#consumer.seek({ topic, partition, offset: String(offset) })
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#consumer.pause(byTopic(partitions))
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#consumer.resume(byTopic(partitions))
  }

  #listen(): void {
    const { on, events } = this.#consumer
    on(events.GROUP_JOIN, ({ payload }) => {
      this.#joined = true
      this.#isIn = true
      const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map(partition => ({ topic, partition })),
      )
      this.pause(assigned)
      this.#member.assign(assigned)
    })
    on(events.CRASH, ({ payload }) => this.#break(payload.error))
    // Batches of control records or aborted messages alone never come to `eachBatch`.
    on(events.START_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, lastOffset, highWatermark } }) => {
      if (batchSize === 0) this.#member.skip({ topic, partition }, Number(lastOffset) + 1, Number(highWatermark))
    })
    on(events.COMMIT_OFFSETS, ({ payload: { topics } }) =>
      this.#member.committed(
        topics.flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) })),
        ),
      ),
    )
  }

  readonly #assigner: PartitionAssigner = ({ cluster }) => {
    const find = cluster.findGroupCoordinator.bind(cluster)
    cluster.findGroupCoordinator = async group => {
      if (this.#isIn && !this.#leaving) await this.#member.revoke()
      this.#isIn = false
      return find(group)
    }
    return stickyAssigner(cluster, () => ({ had: this.#member.places(), stayed: this.#joined }))
  }

  /** kafkajs sends one when an interval has passed since the last, and only gives the function to the handlers of batches. */
  #beat(): void {
    this.#heartbeat?.().catch(error => {
      if (isRebalance(error) && this.#isIn) void this.#member.revoke()
    })
  }

  async #read({ batch, heartbeat, resolveOffset }: EachBatchPayload): Promise<void> {
    this.#heartbeat = heartbeat
    const { fetchedOffset } = batch as unknown as { fetchedOffset: string }
    const next = Number(batch.lastOffset()) + 1
    const reached = await this.#member.read({
      topic: batch.topic,
      partition: batch.partition,
      messages: batch.messages,
      fetchedFrom: Number(fetchedOffset),
      next,
      high: Number(batch.highWatermark),
    })
    if (reached > Number(fetchedOffset)) resolveOffset(String(reached - 1))
    if (reached < next) await heartbeat()
  }
}

function byTopic(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition])
  return [...topics].map(([topic, numbers]) => ({ topic, partitions: numbers }))
}
