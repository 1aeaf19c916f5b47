import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { kafkaConnectionSchema } from '../../kafka-config.ts'
import { payloadSchema } from './payload/config.ts'

const MIB = 1024 * 1024

const topicName = z.string().regex(/^[\w.-]{1,249}$/, 'letters, digits, _ . -, at most 249')

/** A `sources.<name>` entry of type `kafka`. */
export const kafkaSourceSchema = z.strictObject({
  type: z.literal('kafka').describe('Messages of Kafka topics: detector frames, or chunks of sound'),
  ...kafkaConnectionSchema.shape,
  topics: z
    .array(topicName)
    .min(1)
    .describe('Topics to read; all of them must exist')
    .meta({ example: ['frames'] }),
  group_id: z
    .string()
    .min(1)
    .default('auscult')
    .describe('Consumer group; daemons with the same one share the partitions'),
  from: z
    .enum(['latest', 'earliest'])
    .default('latest')
    .describe('Where a group begins that has committed nothing yet'),
  payload: payloadSchema.prefault({}).describe('What a message holds'),
  max_keys: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe('Sources that message keys may make; messages with further keys are counted as too_many_keys'),
  max_message_bytes: z
    .number()
    .int()
    .min(1)
    .default(8 * MIB)
    .describe('Larger messages are counted as oversized, and not decoded'),
  max_bytes_per_partition: z
    .number()
    .int()
    .min(1)
    .default(MIB)
    .describe(
      'Most that is fetched of one partition at a time, before decompression; a larger message still comes whole',
    ),
  max_bytes: z
    .number()
    .int()
    .min(1)
    .default(8 * MIB)
    .describe('Most that is fetched from one broker at a time, before decompression'),
  max_wait_ms: z
    .number()
    .int()
    .min(10)
    .max(10_000)
    .default(500)
    .describe('A broker that has no message answers after so long'),
  metadata_max_age_ms: z
    .number()
    .int()
    .min(100)
    .default(30_000)
    .describe('New partitions of the topics are looked for this often'),
  session_timeout_ms: z
    .number()
    .int()
    .min(1000)
    .default(10_000)
    .describe('A daemon that the broker does not hear of for so long loses its partitions'),
  rebalance_timeout_ms: z
    .number()
    .int()
    .min(1000)
    .default(60_000)
    .describe('So long the other members wait for a daemon when partitions are shared out anew'),
  drain_ms: z
    .number()
    .int()
    .min(0)
    .default(10_000)
    .describe(
      'So long windows in flight may take when partitions are handed over, before they are left to their next owner',
    ),
  commit_interval_ms: z.number().int().min(10).default(1000).describe('Offsets are committed this often'),
  max_metadata_bytes: z
    .number()
    .int()
    .min(0)
    .default(4096)
    .describe(
      "Room for what a restart needs of cut-up sound, beside a committed offset; not above the broker's offset.metadata.max.bytes",
    ),
  dead_letter_topic: topicName
    .optional()
    .describe('Topic that messages go to, whole, which cannot be decoded; they are only counted when left out'),
})

export type KafkaSourceConfig = z.infer<typeof kafkaSourceSchema>

/** Between two heartbeats: short, since a member learns of a rebalance by them. */
export const heartbeatMs = ({ session_timeout_ms }: KafkaSourceConfig): number =>
  Math.min(2000, Math.floor(session_timeout_ms / 5))

/** @throws AUSCULT_CONFIG */
export function checkKafkaSource(config: KafkaSourceConfig, at: string): void {
  const fail = (option: string, message: string, remedy: string) => {
    throw new AuscultError('AUSCULT_CONFIG', message, { at: `${at}.${option}`, remedy })
  }
  const { dead_letter_topic: letters, topics, drain_ms, rebalance_timeout_ms, max_wait_ms, session_timeout_ms } = config
  if (new Set(topics).size < topics.length) fail('topics', 'a topic is named twice', 'Name each topic once.')
  if (letters !== undefined && topics.includes(letters)) {
    fail('dead_letter_topic', 'is one of the topics that are read', 'Choose a topic of its own.')
  }
  if (drain_ms >= rebalance_timeout_ms) {
    fail('drain_ms', 'is not below rebalance_timeout_ms', 'The group would go on without this daemon: lower it.')
  }
  if (max_wait_ms >= session_timeout_ms) {
    fail('max_wait_ms', 'is not below session_timeout_ms', 'Lower it, or heartbeats come too late.')
  }
}
