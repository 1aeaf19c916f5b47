import type { KafkaMessage } from 'kafkajs'
import type { Broker } from './kafka-broker.ts'

export interface ReadMessage {
  readonly partition: number
  readonly offset: number
  readonly key: string | undefined
  /** The value as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: what is read is what the test is about
  readonly value: any
  readonly headers: Record<string, string>
}

/** All messages of a topic up to its end of now, by partition in order. */
export async function readTopic(broker: Broker, topic: string): Promise<ReadMessage[]> {
  const ends = await broker.ends(topic)
  const left = new Set(ends.flatMap((end, partition) => (end > 0 ? [partition] : [])))
  if (left.size === 0) return []
  const found: ReadMessage[] = []
  const group = `reader-${process.pid}-${Math.random().toString(36).slice(2)}`
  const consumer = broker.client().consumer({ groupId: group, maxWaitTimeInMs: 100, maxBytesPerPartition: 8 << 20 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
    const eachBatch = async ({ batch }: { batch: { partition: number; messages: KafkaMessage[] } }) => {
      for (const message of batch.messages) found.push(readMessage(batch.partition, message))
      const last = batch.messages.at(-1)
      if (last && Number(last.offset) >= ends[batch.partition] - 1) left.delete(batch.partition)
      if (left.size === 0) resolve()
    }
    consumer.run({ autoCommit: false, eachBatch }).catch(reject)
  })
  await consumer.disconnect()
  return found.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
}

function readMessage(partition: number, { offset, key, value, headers = {} }: KafkaMessage): ReadMessage {
  const texts = Object.entries(headers).map(([name, text]) => [name, String(text)])
  return {
    partition,
    offset: Number(offset),
    key: key?.toString(),
    value: JSON.parse(value!.toString()),
    headers: Object.fromEntries(texts),
  }
}
