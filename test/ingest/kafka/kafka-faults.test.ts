import type { Producer } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Broker, SASL_USER, startBroker } from '../../helpers/kafka-broker.ts'
import { frameOf, KafkaFeed, kafkaConfig } from '../../helpers/kafka-feed.ts'
import { freePort } from '../../helpers/kafka-setup.ts'
import { kafkaOfOurs } from '../../helpers/requires.ts'
import { until } from '../../helpers/until.ts'

describe.skipIf(!kafkaOfOurs())('KafkaSource, when things go wrong', { timeout: 60_000 }, () => {
  let broker: Broker
  let producer: Producer
  const feeds: KafkaFeed[] = []

  const feedOf = (topic: string, options: object = {}): KafkaFeed => {
    const feed = new KafkaFeed(kafkaConfig({ brokers: broker.brokers, topics: [topic], group_id: topic, ...options }))
    feeds.push(feed)
    return feed
  }
  const send = (topic: string, values: readonly (number | Buffer | null)[], key: string | null = null, partition = 0) =>
    producer.send({
      topic,
      messages: values.map(value => ({ key, partition, value: typeof value === 'number' ? frameOf(value) : value })),
    })
  const range = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i)
  const reasonOf = (feed: KafkaFeed) => feed.reports.conditions.get('down')

  beforeAll(async () => {
    vi.stubEnv('KAFKA_PASSWORD', SASL_USER.password)
    vi.stubEnv('KAFKA_WRONG', 'sesame')
    broker = await startBroker({ own: true, sasl: true, tls: true })
    producer = await broker.producer()
  }, 60_000)

  afterEach(async () => {
    await Promise.all(feeds.splice(0).map(feed => feed.stop()))
  })

  afterAll(async () => {
    vi.unstubAllEnvs()
    await producer?.disconnect()
    await broker?.stop()
  })

  it('waits for a topic that does not exist, and says so', async () => {
    const topic = `late-${Date.now()}`
    const feed = feedOf(topic)
    await until(() => reasonOf(feed))
    expect(reasonOf(feed)).toBe(`topic ${topic}: the topic does not exist, or this user may not see it`)
    await broker.createTopic(topic)
    await send(topic, [1])
    await until(() => feed.windows.length === 1)
    expect(reasonOf(feed)).toBeUndefined()
  })

  it('names a broker that cannot be reached', async () => {
    const feed = feedOf('t', { brokers: [`127.0.0.1:${await freePort()}`] })
    await until(() => reasonOf(feed))
    expect(reasonOf(feed)).toMatch(/the broker 127\.0\.0\.1:\d+ cannot be reached: it refuses connections$/)
  })

  it('names a host that does not exist', async () => {
    const feed = feedOf('t', { brokers: ['no-such-host.invalid:9092'] })
    await until(() => reasonOf(feed))
    expect(reasonOf(feed)).toMatch(
      /no-such-host.invalid:9092 cannot be reached: (there is no such host|the host name cannot be resolved now)$/,
    )
  })

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('reads with SASL %s', async mechanism => {
    const topic = await broker.newTopic('sasl')
    await send(topic, [1])
    const sasl = { mechanism, username: SASL_USER.username, password_env: 'KAFKA_PASSWORD' }
    const feed = feedOf(topic, { brokers: broker.listener('SASL_PLAINTEXT'), sasl })
    await until(() => feed.windows.length === 1)
    expect(feed.reports.changes).toEqual([])
  })

  it.each(['plain', 'scram-sha-256'] as const)('names wrong credentials with SASL %s', async mechanism => {
    const sasl = { mechanism, username: SASL_USER.username, password_env: 'KAFKA_WRONG' }
    const feed = feedOf('t', { brokers: broker.listener('SASL_PLAINTEXT'), sasl })
    await until(() => reasonOf(feed))
    expect(reasonOf(feed)).toMatch(/authentication failed$/)
  })

  it('reads with TLS and SASL', async () => {
    const topic = await broker.newTopic('tls')
    await send(topic, [1])
    const sasl = { mechanism: 'scram-sha-512', username: SASL_USER.username, password_env: 'KAFKA_PASSWORD' }
    const tls = { ca_path: broker.certificate }
    const feed = feedOf(topic, { brokers: broker.listener('SASL_SSL'), sasl, tls })
    await until(() => feed.windows.length === 1)
    expect(feed.reports.changes).toEqual([])
  })

  it('names a certificate that it does not trust', async () => {
    const feed = feedOf('t', { brokers: broker.listener('SSL'), tls: {} })
    await until(() => reasonOf(feed))
    expect(reasonOf(feed)).toMatch(/cannot be trusted or does not speak TLS: self.signed certificate/)
  })

  it('names a port that does not speak TLS', async () => {
    const feed = feedOf('t', { brokers: broker.brokers, tls: {} })
    await until(() => reasonOf(feed), 30_000)
    expect(reasonOf(feed)).toMatch(/the broker 127/)
  })

  it('names a port that wants TLS', async () => {
    const feed = feedOf('t', { brokers: broker.listener('SSL') })
    await until(() => reasonOf(feed), 30_000)
    expect(reasonOf(feed)).toMatch(/the broker 127.* closes the connection|cannot be reached/)
  })

  it('names a port that wants authentication', async () => {
    const feed = feedOf('t', { brokers: broker.listener('SASL_PLAINTEXT') })
    await until(() => reasonOf(feed), 30_000)
    expect(reasonOf(feed)).toMatch(/the broker 127.* closes the connection/)
  })

  it('refuses to start without the variable of the password, or the file of the certificate', async () => {
    const sasl = { mechanism: 'plain', username: 'u', password_env: 'NO_SUCH_VARIABLE' }
    await expect(feedOf('t', { sasl }).stop()).rejects.toMatchObject({
      code: 'AUSCULT_CONFIG',
      at: 'sources.feed.sasl.password_env',
    })
    await expect(feedOf('t', { tls: { ca_path: '/no/such.pem' } }).stop()).rejects.toMatchObject({
      code: 'AUSCULT_INPUT_MISSING',
      at: '/no/such.pem',
    })
    feeds.length = 0
  })

  it('goes on where it stood when the broker was down, without a message twice', async () => {
    const topic = await broker.newTopic('restart', 2)
    const feed = feedOf(topic, { session_timeout_ms: 6000 })
    await send(topic, range(100), 'a', 0)
    await send(topic, range(100), 'b', 1)
    await until(() => feed.windows.length === 200)
    await broker.kill()
    await until(() => reasonOf(feed), 30_000)
    expect(reasonOf(feed)).toMatch(/the broker 127/)
    await broker.restart()
    await send(topic, range(100), 'a', 0)
    await send(topic, range(100), 'b', 1)
    await until(() => feed.windows.length >= 400, 30_000)
    expect(feed.windows.length).toBe(400)
    expect(new Set(feed.ids).size).toBe(400)
    expect(reasonOf(feed)).toBeUndefined()
    expect(feed.reports.restarts.length).toBeGreaterThan(0)
    expect(feed.reports.handedOver).toEqual([])
  })

  it('stops soon while the broker is away, hanging or dead', async () => {
    const topic = await broker.newTopic('stop')
    const [first, second] = [feedOf(topic), feedOf(topic, { group_id: `${topic}-2` })]
    await send(topic, [1])
    await until(() => first.windows.length === 1 && second.windows.length === 1)
    process.kill(broker.pid!, 'SIGSTOP')
    const begun = performance.now()
    await first.stop()
    const hanging = performance.now() - begun
    process.kill(broker.pid!, 'SIGCONT')
    await broker.kill()
    const killed = performance.now()
    await second.stop()
    const dead = performance.now() - killed
    await broker.restart()
    expect([hanging, dead].map(ms => ms < 8000)).toEqual([true, true])
  })
})
