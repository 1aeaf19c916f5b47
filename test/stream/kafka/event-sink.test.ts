import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { checkConfig } from '../../../src/config.ts'
import { silentLogger } from '../../../src/logger.ts'
import { eventFromJson, sourceOf } from '../../../src/stream/event-json.ts'
import { kafkaSinkSchema } from '../../../src/stream/kafka/config.ts'
import { EventSink, type Outbox } from '../../../src/stream/kafka/event-sink.ts'
import type { AuscultEvent } from '../../../src/types.ts'
import { type Broker, SASL_USER, startBroker } from '../../helpers/kafka-broker.ts'
import { readTopic } from '../../helpers/kafka-read.ts'
import { kafkaOfOurs } from '../../helpers/requires.ts'
import { until } from '../../helpers/until.ts'

const kafka = kafkaOfOurs()

/** A store in memory that many processes may share. */
class FakeStore implements Outbox {
  readonly events: { seq: number; event: AuscultEvent }[] = []
  readonly cursors = new Map<string, number>()
  isFull = false

  append(source: string): { event: AuscultEvent; seq: number } {
    const seq = this.events.length + 1
    const message = `trouble ${seq}, größer als zuvor`
    const event: AuscultEvent = {
      ...{ type: 'source.troubled', eventId: `${source}/down/${seq}`, source, condition: 'down', time: seq, message },
    }
    this.events.push({ seq, event })
    return { seq, event }
  }
  async after(seq: number, limit: number) {
    return this.events.filter(row => row.seq > seq).slice(0, limit)
  }
  async cursor(name: string) {
    return this.cursors.get(name)
  }
  async setCursor(name: string, seq: number) {
    if (this.isFull) throw new Error('the disk is full')
    this.cursors.set(name, seq)
  }
}

describe.skipIf(!kafka)('EventSink', () => {
  let broker: Broker
  let store: FakeStore
  let topic: string
  const sinks: EventSink[] = []
  beforeAll(async () => {
    broker = await startBroker({ own: true, sasl: true })
  })
  afterAll(() => broker?.stop())
  beforeEach(async () => {
    store = new FakeStore()
    topic = await broker.newTopic('events', 3)
  })
  afterEach(async () => {
    await Promise.all(sinks.splice(0).map(sink => sink.stop(Date.now() + 1000)))
  })

  async function start(config: object = {}, env: NodeJS.ProcessEnv = {}, to = topic): Promise<EventSink> {
    const checked = checkConfig({ brokers: broker.brokers, ...config }, kafkaSinkSchema, 'test')
    const sink = new EventSink({ config: checked, topic: to, store, clock: systemClock, logger: silentLogger, env })
    sinks.push(sink)
    await sink.start()
    return sink
  }

  const publish = (sink: EventSink, source: string) => {
    const { event, seq } = store.append(source)
    sink.event(event, seq)
  }

  it('publishes events as JSON, keyed by source, with their id and type as headers', async () => {
    const sink = await start({ compression: 'gzip' })
    await until(() => sink.status().ok)
    for (const source of ['pump', 'fan', 'pump']) publish(sink, source)
    await until(() => store.cursors.get(`kafka/${topic}`) === 3)
    const messages = await readTopic(broker, topic)
    expect(messages).toHaveLength(3)
    for (const { key, value, headers } of messages) {
      const { event } = store.events[value.seq - 1]
      expect(eventFromJson(value)).toEqual(event)
      const expected = { event_id: event.eventId, type: event.type }
      expect({ key, headers }).toEqual({ key: sourceOf(event), headers: expected })
    }
    const pumps = messages.filter(({ key }) => key === 'pump')
    expect(pumps.map(({ value }) => value.seq)).toEqual([1, 3])
    expect(new Set(pumps.map(({ partition }) => partition)).size).toBe(1)
  })

  it('goes on without the broker, says why, and catches up in order', async () => {
    const sink = await start()
    publish(sink, 'pump')
    await until(() => store.cursors.get(`kafka/${topic}`) === 1)
    await broker.kill()
    for (let i = 0; i < 1200; i++) publish(sink, 'pump')
    await until(() => !sink.status().ok)
    expect(sink.status().reason).toMatch(/cannot be reached|closes the connection/)
    await broker.restart()
    await until(() => store.cursors.get(`kafka/${topic}`) === 1201)
    expect(sink.status().ok).toBe(true)
    const messages = await readTopic(broker, topic)
    expect(messages.map(({ value }) => value.seq)).toEqual(Array.from({ length: 1201 }, (_, i) => i + 1))
  })

  it('goes on in the next process where the last one stopped', async () => {
    const first = await start()
    for (let i = 0; i < 3; i++) publish(first, 'pump')
    await first.stop(Date.now() + 5000)
    expect(store.cursors.get(`kafka/${topic}`)).toBe(3)
    store.append('pump')
    await start()
    await until(() => store.cursors.get(`kafka/${topic}`) === 4)
    expect((await readTopic(broker, topic)).map(({ value }) => value.seq)).toEqual([1, 2, 3, 4])
  })

  it('publishes while the store cannot keep its place, and may repeat that after a crash', async () => {
    store.isFull = true
    const sink = await start()
    publish(sink, 'pump')
    while ((await broker.ends(topic)).every(end => end === 0));
    expect(store.cursors.size).toBe(0)
    store.isFull = false
    await until(() => store.cursors.get(`kafka/${topic}`) === 1)
  })

  it('names a topic that does not exist, and goes on once it does', async () => {
    const later = `later-${topic}`
    const sink = await start({}, {}, later)
    await until(() => /does not exist/.test(sink.status().reason))
    expect(sink.status()).toMatchObject({ ok: false, reason: expect.stringContaining(later) })
    await broker.createTopic(later)
    publish(sink, 'pump')
    await until(() => store.cursors.get(`kafka/${later}`) === 1)
  })

  it('names wrong credentials, and refuses to start without any', async () => {
    const sasl = { mechanism: 'scram-sha-256', username: SASL_USER.username, password_env: 'SECRET' }
    const brokers = broker.listener('SASL_PLAINTEXT')
    await expect(start({ brokers, sasl })).rejects.toThrow('SECRET is not set')
    const wrong = await start({ brokers, sasl }, { SECRET: 'guessed' })
    await until(() => /authentication failed/.test(wrong.status().reason))
    expect(wrong.status()).toMatchObject({ ok: false, reason: expect.not.stringContaining('guessed') })
    const right = await start({ brokers, sasl }, { SECRET: SASL_USER.password })
    await until(() => right.status().ok)
  })

  it('stops in time while the broker is away', async () => {
    const sink = await start({ brokers: ['127.0.0.1:9'] })
    publish(sink, 'pump')
    await until(() => !sink.status().ok && sink.status().reason.includes('127.0.0.1:9'))
    const from = Date.now()
    await sink.stop(Date.now() + 4000)
    expect(Date.now() - from).toBeLessThan(4200)
    expect(store.cursors.size).toBe(0)
  })
})
