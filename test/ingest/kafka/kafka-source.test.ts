import type { Admin, KafkaMessage, Producer } from 'kafkajs'
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

  const admin = async (work: (client: Admin) => Promise<unknown>) => {
    const client = broker.client().admin()
    await client.connect()
    await work(client)
    await client.disconnect()
  }
  const deleteBefore = (topic: string, offset: number) =>
    admin(async client => {
      await client.fetchTopicMetadata({ topics: [topic] })
      await client.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] })
    })
  /** The first messages of a topic. */
  const read = async (topic: string, count: number): Promise<KafkaMessage[]> => {
    const consumer = broker.client().consumer({ groupId: `${topic}-test`, maxWaitTimeInMs: 100 })
    const messages: KafkaMessage[] = []
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({ eachMessage: async ({ message }) => void messages.push(message) })
    await until(() => messages.length >= count)
    await consumer.disconnect()
    return messages
  }

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

  it('moves no more partitions than it must, and reads each topic where it is wanted', async () => {
    const [topic, other] = [await broker.newTopic('sticky', 6), await broker.newTopic('other', 2)]
    for (const partition of range(6)) await send(topic, [1], `k${partition}`, partition)
    for (const partition of range(2)) await send(other, [1], `o${partition}`, partition)
    const one = feedOf(topic)
    await until(() => one.windows.length === 6)
    const two = feedOf(topic)
    await until(() => one.reports.handedOver.length === 3)
    const three = feedOf(topic, { topics: [topic, other] })
    await until(() => three.windows.length === 2)
    for (const partition of range(6)) await send(topic, [2], `k${partition}`, partition)
    await until(() => one.windows.length + two.windows.length + three.windows.length === 14)
    const shares = [one, two, three].map(feed => feed.windows.filter(({ offset }) => offset === 1).length)
    expect(shares.reduce((sum, n) => sum + n)).toBe(6)
    expect(three.windows.filter(({ stream }) => stream.startsWith(other)).length).toBe(2)
    const moved = one.reports.handedOver.length + two.reports.handedOver.length - 3
    expect(moved).toBe(shares[2])
    expect(moved).toBeLessThanOrEqual(2)
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

  it('counts what cannot be decoded, keeps going, and sends it to the dead-letter topic', async () => {
    const topic = await broker.newTopic('poison')
    const letters = await broker.newTopic('letters')
    const bad = [
      Buffer.from('short'),
      null,
      Buffer.from(Float32Array.of(1, Number.NaN, 1, 1).buffer),
      Buffer.alloc(2000),
    ]
    await send(topic, [1, ...bad.slice(0, 2), 2, ...bad.slice(2), 3], 'k')
    await producer.send({ topic, messages: [{ value: 'xyz', headers: { trace: 'abc' } }] })
    const feed = feedOf(topic, { dead_letter_topic: letters, max_message_bytes: 1000 })
    await until(() => feed.windows.length === 3 && feed.reports.failures.length === 5)
    expect(feed.reports.failures.map(({ source, reason, at, windows }) => [source, reason, at, windows])).toEqual([
      ['feed/k', 'shape', `${topic}/0/1`, 1],
      ['feed/k', 'empty', `${topic}/0/2`, 1],
      ['feed/k', 'non_finite', `${topic}/0/4`, 1],
      ['feed/k', 'oversized', `${topic}/0/5`, 1],
      ['feed', 'shape', `${topic}/0/7`, 1],
    ])
    await feed.stop()
    expect(await broker.committed(topic, topic)).toEqual([8])
    const dead = await read(letters, 5)
    expect(dead.map(({ key, value }) => [key?.toString(), value])).toEqual([
      ...bad.map(value => ['k', value]),
      [undefined, Buffer.from('xyz')],
    ])
    const headers = Object.fromEntries(Object.entries(dead[4].headers!).map(([name, value]) => [name, String(value)]))
    expect(headers).toEqual({
      trace: 'abc',
      'auscult-error': expect.stringContaining('3 bytes'),
      'auscult-topic': topic,
      'auscult-partition': '0',
      'auscult-offset': '7',
    })
  })

  it('holds the watermark while dead letters cannot be written, and reads on', async () => {
    const topic = await broker.newTopic('held')
    const letters = await broker.newTopic('gone')
    await send(topic, [1])
    const feed = feedOf(topic, { dead_letter_topic: letters })
    await until(() => feed.windows.length === 1)
    await admin(client => client.deleteTopics({ topics: [letters] }))
    await send(topic, [Buffer.from('x'), 2])
    await until(() => feed.reports.conditions.size > 0)
    expect(feed.reports.conditions.get('down')).toBe(
      `dead letters cannot be written to ${letters}: the topic does not exist`,
    )
    await send(topic, [3])
    await until(() => feed.windows.length === 3)
    await until(async () => (await broker.committed(topic, topic))[0] === 1)
    await broker.createTopic(letters)
    await until(async () => (await broker.committed(topic, topic))[0] === 4)
    expect(feed.reports.conditions.size).toBe(0)
    expect((await read(letters, 1))[0].value?.toString()).toBe('x')
  })

  it('leaves the value out of a dead letter that the topic does not take', async () => {
    const topic = await broker.newTopic('long')
    const letters = await broker.newTopic('small', 1, { 'max.message.bytes': '300' })
    await send(topic, [1, Buffer.alloc(700), Buffer.from('x'), 2])
    const feed = feedOf(topic, { dead_letter_topic: letters })
    await until(() => feed.windows.length === 2)
    await feed.stop()
    const dead = await read(letters, 2)
    expect(dead.map(({ value, headers }) => [value?.toString(), headers?.['auscult-value']?.toString()])).toEqual([
      [undefined, 'too large'],
      ['x', undefined],
    ])
  })

  it('bounds the number of keys', async () => {
    const topic = await broker.newTopic('keys')
    for (const key of ['a', 'b', 'c', 'a', 'd']) await send(topic, [1], key)
    const feed = feedOf(topic, { max_keys: 2 })
    await until(() => feed.windows.length === 3 && feed.reports.failures.length === 2)
    expect(feed.windows.map(({ source }) => source)).toEqual(['feed/a', 'feed/b', 'feed/a'])
    expect(feed.reports.failures.map(({ source, reason, at }) => [source, reason, at])).toEqual([
      ['feed', 'too_many_keys', `${topic}/0/2`],
      ['feed', 'too_many_keys', `${topic}/0/4`],
    ])
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('reads batches that the broker compressed with %s', async codec => {
    const topic = await broker.newTopic(codec, 1, { 'compression.type': codec })
    await send(topic, range(300))
    await send(topic, range(3, 300))
    const feed = feedOf(topic)
    await until(() => feed.windows.length === 303)
    expect(feed.windows.map(({ data }) => data[0])).toEqual(range(303))
    expect(feed.reports.failures).toEqual([])
  })

  it('says what was deleted before it was read, at a start and while it reads', async () => {
    const topic = await broker.newTopic('deleted')
    await send(topic, range(10))
    const first = feedOf(topic)
    await until(() => first.windows.length === 10)
    await first.stop()
    await send(topic, range(30, 10))
    await deleteBefore(topic, 20)
    const second = feedOf(topic, { max_bytes_per_partition: 1, from: 'latest' })
    await until(() => second.windows.length === 20)
    expect(second.windows[0].offset).toBe(20)
    expect(second.reports.gaps).toEqual([
      ['feed', `${topic}/0: 10 offsets are gone, from 10 on: they were deleted before they were read`],
    ])
    let go = () => {}
    second.stall = new Promise(resolve => {
      go = resolve
    })
    for (const n of range(10)) await send(topic, [n])
    await until(() => second.windows.length === 21)
    await deleteBefore(topic, 47)
    second.stall = undefined
    go()
    await until(() => second.windows.at(-1)?.offset === 49)
    expect(second.reports.gaps.length).toBe(2)
    expect(second.reports.gaps[1][1]).toMatch(/offsets 4\d to 46 are gone/)
    expect(second.windows.map(({ offset }) => offset)).not.toContain(46)
    await until(async () => (await broker.committed(topic, topic))[0] === 50)
  })

  it('passes over what transactions leave behind', async () => {
    const topic = await broker.newTopic('transactions')
    const writer = broker
      .client({ retry: { retries: 5 } })
      .producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true })
    await writer.connect()
    for (const commits of [true, false, true, false]) {
      const transaction = await writer.transaction()
      await transaction.send({ topic, messages: [{ value: frameOf(1) }, { value: frameOf(2) }] })
      await (commits ? transaction.commit() : transaction.abort())
    }
    await writer.disconnect()
    const feed = feedOf(topic)
    await until(() => feed.windows.length === 4)
    expect(feed.windows.map(({ offset }) => offset)).toEqual([0, 1, 6, 7])
    await until(() => feed.reports.lags.at(-1) === 0)
    await feed.stop()
    expect(await broker.committed(topic, topic)).toEqual(await broker.ends(topic))
    expect(feed.reports.gaps).toEqual([])
  })

  it('goes on with a topic that was made anew', async () => {
    const topic = await broker.newTopic('anew')
    await send(topic, range(20))
    const feed = feedOf(topic)
    await until(() => feed.windows.length === 20)
    await admin(client => client.deleteTopics({ topics: [topic] }))
    await until(() => feed.reports.conditions.size > 0, 30_000)
    await broker.createTopic(topic)
    await send(topic, range(5))
    await until(() => feed.windows.length === 25, 30_000)
    expect(feed.reports.gaps.map(([, at]) => at)).toEqual([])
  })

  it('joins sound, and goes on after a restart with the windows that it would have had', async () => {
    const topic = await broker.newTopic('sound')
    const spec = { shape: [400], sampleRate: 1000, hop: 200 }
    const options = { payload: { format: 's16le', timestamp_of: 'start' } }
    const sound = range(5000).map(i => Math.round(10_000 * Math.sin(i / 7)))
    const chunk = (i: number) => Buffer.from(Int16Array.from(sound.slice(i * 150, (i + 1) * 150)).buffer)
    const speak = (from: number, to: number) =>
      producer.send({
        topic,
        messages: range(to - from, from).flatMap(i =>
          ['a', 'b'].map(key => ({ key, value: chunk(i), timestamp: String(1_000_000 + i * 150) })),
        ),
      })
    const one = feedOf(topic, options, spec)
    await speak(0, 10)
    await until(() => one.windows.length === 12)
    await one.stop()
    expect((await broker.committed(topic, topic))[0]).toBeLessThan(20)
    const two = feedOf(topic, options, spec)
    await speak(10, 30)
    await until(() => two.ids.includes(`feed/b/${topic}/0/1/4000`))
    const whole = feedOf(topic, { ...options, group_id: `${topic}-whole` }, spec)
    await until(() => whole.windows.length === 42)
    const parts = new Map([...one.windows, ...two.windows].map(({ index, ...window }) => [window.id, window]))
    expect(parts.size).toBe(42)
    for (const { index, ...window } of whole.windows) expect(parts.get(window.id)).toEqual(window)
    expect([...one.reports.gaps, ...two.reports.gaps]).toEqual([])
  })

  it('finds a partition that is added, and reads it whole', async () => {
    const topic = await broker.newTopic('grows')
    await send(topic, [1])
    const feed = feedOf(topic, { from: 'latest', metadata_max_age_ms: 1000 })
    await until(async () => (await broker.committed(topic, topic))[0] === 1)
    await admin(client => client.createPartitions({ topicPartitions: [{ topic, count: 2 }] }))
    const late = await broker.producer()
    await late.send({ topic, messages: range(10).map(i => ({ partition: i % 2, value: frameOf(i) })) })
    await late.disconnect()
    await until(() => feed.windows.length >= 10)
    expect(new Set(feed.ids).size).toBe(10)
    await feed.stop()
    expect(await broker.committed(topic, topic)).toEqual([6, 5])
  })
})
