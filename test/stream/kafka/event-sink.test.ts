import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { checkConfig } from '../../../src/config.ts'
import { silentLogger } from '../../../src/logger.ts'
import { eventFromJson, sourceOf } from '../../../src/stream/event-json.ts'
import { kafkaSinkSchema } from '../../../src/stream/kafka/config.ts'
import { EventSink, type Outbox } from '../../../src/stream/kafka/event-sink.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import { sourceEvent } from '../../helpers/events.ts'
import { type Broker, SASL_USER, startBroker } from '../../helpers/kafka-broker.ts'
import { readTopic } from '../../helpers/kafka-read.ts'
import { kafkaOfOurs } from '../../helpers/requires.ts'
import { until } from '../../helpers/until.ts'

const kafka = kafkaOfOurs()

describe.skipIf(!kafka)('EventSink', { timeout: 60_000 }, () => {
  let broker: Broker
  let store: EventStore
  let topic: string
  const sinks: EventSink[] = []
  beforeAll(async () => {
    broker = await startBroker({ own: true, sasl: true })
  })
  afterAll(() => broker?.stop())
  beforeEach(async () => {
    store = new EventStore(storeSchema.parse({}), systemClock, silentLogger)
    await store.start()
    topic = await broker.newTopic('events', 3)
  })
  afterEach(async () => {
    await Promise.all(sinks.splice(0).map(sink => sink.stop(Date.now() + 1000)))
    await store.stop()
  })

  async function start(config: object = {}, env = {}, to = topic, outbox: Outbox = store): Promise<EventSink> {
    const checked = checkConfig({ brokers: broker.brokers, ...config }, kafkaSinkSchema, 'test')
    const sink = new EventSink({
      config: checked,
      topic: to,
      store: outbox,
      clock: systemClock,
      logger: silentLogger,
      env,
    })
    sinks.push(sink)
    await sink.start()
    return sink
  }

  const trouble = (source: string) => sourceEvent('silence', source)

  /** Stores one event of each source. */
  async function publish(sink: EventSink | undefined, ...sources: string[]): Promise<void> {
    const events = sources.map(trouble)
    const numbers = await store.append(events)
    for (const [i, event] of events.entries()) sink?.event(event, numbers[i])
  }

  const published = (count: number) => until(async () => (await store.cursor(`kafka/${topic}`)) === count)

  it('publishes events as JSON, keyed by source, with their id and type as headers', async () => {
    const sink = await start({ compression: 'gzip' })
    await until(() => sink.status().ok)
    await publish(sink, 'pump', 'fan', 'pump')
    await published(3)
    const messages = await readTopic(broker, topic)
    expect(messages).toHaveLength(3)
    const stored = await store.after(0, 10)
    for (const { key, value, headers } of messages) {
      const { event } = stored[value.seq - 1]
      expect(eventFromJson(value)).toEqual(event)
      expect(key).toBe(sourceOf(event))
      expect(headers).toEqual({ event_id: event.eventId, type: event.type, store: store.id })
    }
    const pumps = messages.filter(({ key }) => key === 'pump')
    expect(pumps.map(({ value }) => value.seq)).toEqual([1, 3])
    expect(new Set(pumps.map(({ partition }) => partition)).size).toBe(1)
  })

  it('goes on without the broker, says why, and catches up in order', async () => {
    const sink = await start()
    await publish(sink, 'pump')
    await published(1)
    await broker.kill()
    await publish(sink, ...Array<string>(1200).fill('pump'))
    await until(() => !sink.status().ok)
    expect(sink.status().reason).toMatch(/cannot be reached|closes the connection/)
    await broker.restart()
    await published(1201)
    expect(sink.status().ok).toBe(true)
    const messages = await readTopic(broker, topic)
    expect(messages.map(({ value }) => value.seq)).toEqual(Array.from({ length: 1201 }, (_, i) => i + 1))
  })

  it('goes on in the next process where the last one stopped', async () => {
    const first = await start()
    await publish(first, 'pump', 'pump', 'pump')
    await first.stop(Date.now() + 5000)
    expect(await store.cursor(`kafka/${topic}`)).toBe(3)
    await publish(undefined, 'pump')
    await start()
    await published(4)
    expect((await readTopic(broker, topic)).map(({ value }) => value.seq)).toEqual([1, 2, 3, 4])
  })

  it('asks a store again that fails', async () => {
    let failures = 0
    const fail = async () => {
      failures++
      throw new Error('the store is opened again')
    }
    const failing: Outbox = {
      last: 1,
      id: store.id,
      cursor: name => store.cursor(name),
      textsAfter: (...args) => (failures < 1 ? fail() : store.textsAfter(...args)),
      setCursor: (...args) => (failures < 2 ? fail() : store.setCursor(...args)),
    }
    await publish(await start({}, {}, topic, failing), 'pump')
    await published(1)
    expect(failures).toBe(2)
    expect(await readTopic(broker, topic)).toHaveLength(1)
  })

  it('names a topic that does not exist, and goes on once it does', async () => {
    const later = `later-${topic}`
    const sink = await start({}, {}, later)
    await until(() => /does not exist/.test(sink.status().reason))
    expect(sink.status()).toMatchObject({ ok: false, reason: expect.stringContaining(later) })
    await broker.createTopic(later)
    await publish(sink, 'pump')
    await until(async () => (await store.cursor(`kafka/${later}`)) === 1)
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
    await publish(sink, 'pump')
    await until(() => !sink.status().ok && sink.status().reason.includes('127.0.0.1:9'))
    const from = Date.now()
    await sink.stop(Date.now() + 4000)
    expect(Date.now() - from).toBeLessThan(4200)
    expect(await store.cursor(`kafka/${topic}`)).toBeUndefined()
  })
})
