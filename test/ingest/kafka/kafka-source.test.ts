import type { Producer } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Broker, startBroker } from '../../helpers/kafka-broker.ts'
import { FRAME_SPEC, frameOf, KafkaFeed, kafkaConfig } from '../../helpers/kafka-feed.ts'
import { kafka } from '../../helpers/requires.ts'
import { until } from '../../helpers/until.ts'

describe.skipIf(!kafka())('KafkaSource, with a real Kafka', { timeout: 60_000 }, () => {
  let broker: Broker
  let producer: Producer
  const feeds: KafkaFeed[] = []

  const feedOf = (topic: string, options: object = {}, spec = FRAME_SPEC): KafkaFeed => {
    const feed = new KafkaFeed(
      kafkaConfig({ brokers: broker.brokers, topics: [topic], group_id: topic, ...options }),
      spec,
    )
    feeds.push(feed)
    return feed
  }
  const send = (topic: string, values: readonly (number | Buffer | null)[], key: string | null = null, partition = 0) =>
    producer.send({
      topic,
      messages: values.map(value => ({ key, partition, value: typeof value === 'number' ? frameOf(value) : value })),
    })
  const range = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i)

  beforeAll(async () => {
    broker = await startBroker()
    producer = await broker.producer()
  }, 60_000)

  afterEach(async () => {
    await Promise.all(feeds.splice(0).map(feed => feed.stop()))
  })

  afterAll(async () => {
    await producer?.disconnect()
    await broker?.stop()
  })

  it('gives each message as a window of its key, with ids that tell where it lies', async () => {
    const topic = await broker.newTopic('frames', 2)
    await send(topic, [1, 2], 'a/1', 0)
    await send(topic, [3], null, 1)
    const feed = feedOf(topic)
    await until(() => feed.windows.length === 3)
    const of = (id: string) => feed.windows.find(window => window.id === id)
    expect(of(`feed/a%2F1/${topic}/0/0`)).toMatchObject({
      source: 'feed/a%2F1',
      index: 0,
      stream: `${topic}/0`,
      offset: 0,
      shape: [2, 2],
      data: Float32Array.of(1, 1, 2, 3),
    })
    expect(of(`feed/a%2F1/${topic}/0/1`)).toMatchObject({ index: 1, offset: 1 })
    expect(of(`feed/${topic}/1/0`)).toMatchObject({ source: 'feed', index: 0, data: Float32Array.of(3, 1, 2, 3) })
    expect(Math.abs(feed.windows[0].time - Date.now())).toBeLessThan(60_000)
    await feed.stop()
    expect(await broker.committed(topic, topic)).toEqual([2, 1])
  })

  it('commits no further than everything is acknowledged, and gives the rest again', async () => {
    const topic = await broker.newTopic('watermark')
    await send(topic, range(10))
    const first = feedOf(topic)
    first.acks = false
    await until(() => first.windows.length === 10)
    for (const i of [0, 1, 2, 4, 5]) first.open[i].ack()
    first.open[6].hold?.()
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(await broker.committed(topic, topic)).toEqual([3])
    for (const i of [7, 8, 9]) first.open[i].hold?.()
    const stopping = first.stop()
    await new Promise(resolve => setTimeout(resolve, 100))
    first.open[3].ack()
    await stopping
    expect(await broker.committed(topic, topic)).toEqual([6])
    const second = feedOf(topic)
    await until(() => second.windows.length === 4)
    expect(second.ids).toEqual(first.ids.slice(6))
    await second.stop()
    expect(await broker.committed(topic, topic)).toEqual([10])
  })

  it('keeps its partitions while nobody takes windows for longer than a session', async () => {
    const topic = await broker.newTopic('stall')
    await send(topic, range(20))
    const feed = feedOf(topic, { session_timeout_ms: 6000 })
    let go = () => {}
    await until(() => feed.windows.length === 20)
    feed.stall = new Promise(resolve => {
      go = resolve
    })
    await send(topic, range(500, 20))
    await until(() => feed.windows.length === 21)
    await new Promise(resolve => setTimeout(resolve, 14_000))
    expect(feed.windows.length).toBe(21)
    feed.stall = undefined
    go()
    await until(() => feed.windows.length === 520)
    expect(feed.reports.restarts).toEqual([])
    expect(new Set(feed.ids).size).toBe(520)
    expect(feed.reports.changes).toEqual([])
  })

  it('hands partitions over without a message twice, and takes them back', async () => {
    const topic = await broker.newTopic('rebalance', 4)
    const keys = ['a', 'b', 'c', 'd']
    let sent = 0
    const sendAll = async () => {
      for (const [partition, key] of keys.entries()) await send(topic, range(25), key, partition)
      sent += 100
    }
    const first = feedOf(topic)
    await sendAll()
    await until(() => first.windows.length === 100)
    const second = feedOf(topic)
    await until(() => first.reports.restarts.length === 1)
    await sendAll()
    await until(() => first.windows.length + second.windows.length >= 200)
    expect(second.windows.length).toBe(50)
    expect(first.reports.handedOver.length).toBe(2)
    await second.stop()
    await sendAll()
    await until(() => first.windows.length >= 250)
    const ids = [...first.ids, ...second.ids]
    expect(ids.length).toBe(sent)
    expect(new Set(ids).size).toBe(sent)
    expect(second.reports.handedOver).toEqual([])
    expect(first.reports.changes).toEqual([])
  })

  it('drains what is in flight before it hands partitions over', async () => {
    const topic = await broker.newTopic('drain', 2)
    const first = feedOf(topic)
    first.acks = false
    await send(topic, range(10), 'a', 0)
    await send(topic, range(10), 'b', 1)
    await until(() => first.windows.length === 20)
    const second = feedOf(topic)
    // Of each partition the first 8 are decided late, the last two wait for windows to come.
    await new Promise(resolve => setTimeout(resolve, 2000))
    for (const { window, ack } of first.open) if (window.offset < 8) ack()
    for (const { window, hold } of first.open) if (window.offset >= 8) hold?.()
    await until(() => second.windows.length === 2)
    expect(second.windows.map(({ offset }) => offset)).toEqual([8, 9])
    expect(first.windows.length).toBe(20)
    expect(first.reports.handedOver.length).toBe(1)
  })
})
