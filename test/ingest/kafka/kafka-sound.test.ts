import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { CompressionTypes, type Producer } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WindowSpec } from '../../../src/ingest/source.ts'
import { type Broker, startBroker } from '../../helpers/kafka-broker.ts'
import { KafkaFeed, kafkaConfig } from '../../helpers/kafka-feed.ts'
import { kafkaOfOurs } from '../../helpers/requires.ts'
import { until } from '../../helpers/until.ts'

const RATE = 8000
/** Windows of 0.25 s that overlap; messages of 0.1 s do not fit into them. */
const SPEC: WindowSpec = { shape: [2000], sampleRate: RATE, hop: 1500 }
const CHUNK = 800
const KEYS = ['a', 'b', 'c']
const MESSAGES = 200

/** The sample at a place of a key's sound: no two stretches are alike. */
const sampleAt = (key: number, i: number) => ((i * 7919 + key * 104_729) % 65_536) - 32_768

describe.skipIf(!kafkaOfOurs())('sound from a real Kafka', { timeout: 120_000 }, () => {
  let broker: Broker
  let producer: Producer

  beforeAll(async () => {
    broker = await startBroker({ own: true, properties: { 'group.min.session.timeout.ms': 1000 } })
    producer = await broker.producer()
  }, 60_000)

  afterAll(async () => {
    await producer?.disconnect()
    await broker?.stop()
  })

  const chunk = (key: number, n: number) =>
    Buffer.from(Int16Array.from({ length: CHUNK }, (_, i) => sampleAt(key, n * CHUNK + i)).buffer)

  /** Three keys on two partitions, 20 s each, with a hole of a second at 10 s. */
  const fill = async (topic: string) => {
    for (let n = 0; n < MESSAGES; n++) {
      const time = 1_767_225_600_000 + n * 100 + (n >= MESSAGES / 2 ? 1000 : 0)
      const messages = KEYS.map((key, k) => ({
        key,
        partition: k % 2,
        value: chunk(k, n),
        headers: { time: String(time), n: String(n) },
      }))
      await producer.send({ topic, messages })
    }
  }

  const optionsOf = (topic: string, group: string) => ({
    brokers: broker.brokers,
    topics: [topic],
    group_id: `${topic}-${group}`,
    session_timeout_ms: 2500,
    payload: { format: 's16le', time_header: 'time' },
  })

  it('is cut over SIGKILLs into the windows of a life without, none lost, bit for bit', async () => {
    const topic = await broker.newTopic('sound', 2)
    await fill(topic)
    const whole = new KafkaFeed(kafkaConfig(optionsOf(topic, 'whole')), SPEC, 'press')
    const perSegment = Math.floor((CHUNK * (MESSAGES / 2) - 2000) / 1500) + 1
    await until(() => whole.windows.length === KEYS.length * 2 * perSegment, 30_000)
    await whole.stop()
    expect(whole.reports.gaps.map(([source]) => source).sort()).toEqual(['press/a', 'press/b', 'press/c'])
    const of = (key: string) => whole.windows.filter(({ source }) => source === `press/${key}`)
    for (const [k, key] of KEYS.entries()) {
      const expected = Float32Array.from({ length: 2000 }, (_, i) => sampleAt(k, 1500 + i) / 32_768)
      expect(of(key)[1].data).toEqual(expected)
      expect(of(key)[1].time).toBeCloseTo(1_767_225_600_187.5, 3)
    }

    const lives: string[][] = []
    const durable = new Set<string>()
    const script = fileURLToPath(new URL('../../helpers/kafka-sound-child.ts', import.meta.url))
    const args = ['--import', 'tsx', script, JSON.stringify(SPEC), JSON.stringify(optionsOf(topic, 'killed'))]
    while (durable.size < whole.windows.length && lives.length < 12) {
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      const lines: string[] = []
      lives.push(lines)
      let text = ''
      child.stdout.on('data', data => {
        const parts = (text + data).split('\n')
        text = parts.pop()!
        lines.push(...parts)
        for (const line of parts) durable.add(line)
        const most = lives.length < 4 ? 60 : Number.POSITIVE_INFINITY
        if (lines.length >= most || durable.size >= whole.windows.length) child.kill('SIGKILL')
      })
      await once(child, 'close')
    }
    expect(lives.length).toBeGreaterThanOrEqual(4)
    expect(lives.flat().length).toBeLessThan(2 * whole.windows.length)
    const ids = (windows: readonly { id: string }[]) => windows.map(({ id }) => id).sort()
    const killed = [...durable].map(line => {
      const [id, source, time, hash] = JSON.parse(line)
      return { id, source, time, hash }
    })
    expect(ids(killed)).toEqual(ids(whole.windows))
    for (const { id, time, hash } of killed) {
      const window = whole.windows.find(each => each.id === id)
      expect(time).toBe(window?.time)
      expect(hash).toBe(createHash('sha256').update(Buffer.from(window!.data.buffer)).digest('hex'))
    }
  })

  it('goes on behind a batch that would become too large, and counts it', async () => {
    const topic = await broker.newTopic('bomb', 1, { 'max.message.bytes': '200000' })
    const large = Buffer.alloc(70 * 2 ** 20)
    const send = (value: Buffer, compression?: CompressionTypes) =>
      producer.send({ topic, compression, messages: [{ key: 'a', partition: 0, value }] })
    await send(chunk(0, 0))
    await send(large, CompressionTypes.GZIP)
    await send(chunk(0, 1))
    const options = { ...optionsOf(topic, 'bomb'), payload: { format: 's16le' } }
    const feed = new KafkaFeed(kafkaConfig(options), { ...SPEC, shape: [CHUNK], hop: CHUNK }, 'press')
    await until(() => feed.windows.length === 2, 30_000)
    await feed.stop()
    expect(feed.ids).toEqual([`press/a/${topic}/0/0/0`, `press/a/${topic}/0/2/0`])
    expect(feed.reports.failures.map(({ reason, at, source }) => [reason, at, source])).toEqual([
      ['compression', `${topic}/0/1`, 'press'],
    ])
    expect(feed.reports.gaps).toHaveLength(1)
    expect(await broker.committed(`${topic}-bomb`, topic)).toEqual([3])
  })
})
