import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { checkConfig } from '../../../src/config.ts'
import { silentLogger } from '../../../src/logger.ts'
import { kafkaSinkSchema } from '../../../src/stream/kafka/config.ts'
import { KafkaScoreLog } from '../../../src/stream/kafka/score-log.ts'
import type { Score } from '../../../src/types.ts'
import { type Broker, startBroker } from '../../helpers/kafka-broker.ts'
import { readTopic } from '../../helpers/kafka-read.ts'
import { kafkaOfOurs } from '../../helpers/requires.ts'
import { until } from '../../helpers/until.ts'

const kafka = kafkaOfOurs()

const score = (offset: number, source = 'detector'): Score => ({
  ...{ source, id: `${source}/0/${offset}`, index: 7, stream: '0', offset, time: 1000 + offset, duration: 0 },
  ...{ score: Math.fround(0.1), threshold: 0.5, anomalous: false, late: false, latent: Float32Array.of(0.1, -3) },
})

describe.skipIf(!kafka)('KafkaScoreLog', { timeout: 60_000 }, () => {
  let broker: Broker
  let topic: string
  const logs: KafkaScoreLog[] = []
  beforeAll(async () => {
    broker = await startBroker({ own: true })
  })
  afterAll(() => broker?.stop())
  beforeEach(async () => {
    topic = await broker.newTopic('scores', 2)
  })
  afterEach(async () => {
    await Promise.all(logs.splice(0).map(log => log.stop(Date.now() + 1000)))
  })

  async function start(config: object = {}): Promise<KafkaScoreLog> {
    const checked = checkConfig({ brokers: broker.brokers, ...config }, kafkaSinkSchema, 'test')
    const log = new KafkaScoreLog({ config: checked, topic, clock: systemClock, logger: silentLogger })
    logs.push(log)
    await log.start()
    return log
  }

  it('resolves when the scores are in the topic', async () => {
    const log = await start()
    await log.write([score(0), score(1, 'other'), score(2)])
    const messages = await readTopic(broker, topic)
    expect(messages.filter(({ key }) => key === 'detector').map(({ value }) => value)).toEqual(
      [0, 2].map(offset => ({
        ...{ id: `detector/0/${offset}`, source: 'detector', stream: '0', offset, time: 1000 + offset, duration: 0 },
        ...{ score: Math.fround(0.1), threshold: 0.5, anomalous: false, late: false },
      })),
    )
    expect(messages).toHaveLength(3)
    await log.write([])
  })

  it('carries latents where they are wanted, each number as it was', async () => {
    const log = await start({ include_latent: true })
    await log.write([score(0)])
    const [{ value }] = await readTopic(broker, topic)
    expect(Float32Array.from(value.latent)).toEqual(Float32Array.of(0.1, -3))
  })

  it('keeps the order of many writes, and splits what is too much for one request', async () => {
    const log = await start()
    const writes = Array.from({ length: 40 }, (_, i) =>
      log.write(Array.from({ length: 250 }, (_, j) => score(i * 250 + j))),
    )
    await Promise.all(writes)
    const messages = await readTopic(broker, topic)
    expect(messages.map(({ value }) => value.offset)).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
  })

  it('waits for a broker that is away, and has all scores in order though it was killed at work', async () => {
    const log = await start()
    await log.write([score(0)])
    const writes: Promise<void>[] = []
    const write = () => writes.push(log.write([score(writes.length + 1)]))
    const load = setInterval(write, 1)
    await until(() => writes.length > 100)
    await broker.kill()
    await until(() => !log.status().ok)
    await broker.restart()
    clearInterval(load)
    await Promise.all(writes)
    expect(log.status().ok).toBe(true)
    const messages = await readTopic(broker, topic)
    // The request that was under way when it was killed may be there twice.
    const offsets = new Set(messages.map(({ value }) => value.offset))
    expect([...offsets]).toEqual(Array.from({ length: writes.length + 1 }, (_, i) => i))
  })

  it('tells those who wait when it is stopped before', async () => {
    const log = await start({ brokers: ['127.0.0.1:9'] })
    const write = log.write([score(0)])
    const outcome = expect(write).rejects.toMatchObject({ code: 'AUSCULT_KAFKA' })
    await until(() => log.status().reason.includes('127.0.0.1:9'))
    await log.stop(Date.now() + 3000)
    await outcome
    await expect(log.write([score(1)])).rejects.toThrow('the daemon stops')
  })
})
