import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { Partitioners } from '../../../src/kafka.ts'
import { silentLogger } from '../../../src/logger.ts'
import { kafkaSinkSchema } from '../../../src/stream/kafka/config.ts'
import { SteadyProducer } from '../../../src/stream/kafka/steady-producer.ts'
import { type Broker, startBroker } from '../../helpers/kafka-broker.ts'
import { readTopic } from '../../helpers/kafka-read.ts'
import { freePort } from '../../helpers/kafka-setup.ts'
import { kafkaOfOurs } from '../../helpers/requires.ts'

const kafka = kafkaOfOurs()

function producerTo(brokers: readonly string[], topic: string): SteadyProducer {
  const config = kafkaSinkSchema.parse({ brokers })
  const producer = new SteadyProducer({ config, topic, clock: systemClock, logger: silentLogger })
  producer.prepare()
  return producer
}

const message = (key: string, n: number) => ({ key, value: JSON.stringify(n) })

describe.skipIf(!kafka)('SteadyProducer', { timeout: 60_000 }, () => {
  let broker: Broker
  beforeAll(async () => {
    // Connections that are silent for a second are closed, and producers that are silent for a second forgotten.
    const properties = {
      'connections.max.idle.ms': 1000,
      'producer.id.expiration.ms': 1000,
      'producer.id.expiration.check.interval.ms': 200,
    }
    broker = await startBroker({ own: true, properties })
  })
  afterAll(() => broker?.stop())

  it('goes on after a long silence, with each message once', async () => {
    const topic = await broker.newTopic('silence')
    const producer = producerTo(broker.brokers, topic)
    for (const n of [0, 1]) {
      await producer.send([message('pump', n)])
      await new Promise(resolve => setTimeout(resolve, 2500))
    }
    await producer.send([message('pump', 2)])
    expect(producer.status().ok).toBe(true)
    await producer.stop(Date.now() + 2000, Promise.resolve())
    expect((await readTopic(broker, topic)).map(({ value }) => value)).toEqual([0, 1, 2])
  })

  it('places keys as other clients do', async () => {
    const topic = await broker.newTopic('places', 7)
    const producer = producerTo(broker.brokers, topic)
    const keys = ['pump', 'fan', 'größe', '', 'det/a', 'det/b', 'pump', 'fan']
    await producer.send(keys.map(message))
    await producer.stop(Date.now() + 2000, Promise.resolve())
    const partition = Partitioners.DefaultPartitioner()
    const partitionMetadata = Array.from({ length: 7 }, (_, partitionId) => ({ partitionId, leader: 1 })) as never
    for (const { key, partition: found } of await readTopic(broker, topic)) {
      expect(found, key).toBe(partition({ topic, partitionMetadata, message: { key, value: null } }))
    }
  })
})

describe('SteadyProducer to a broker that does not answer', () => {
  let server: Server
  const sockets: Socket[] = []
  let port: number
  beforeAll(async () => {
    port = await freePort()
    server = createServer(socket => sockets.push(socket.on('error', () => {})))
    await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  })
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  it('stops in half of the time that is left', async () => {
    const producer = producerTo([`127.0.0.1:${port}`], 'silence')
    const sending = producer.send([message('pump', 0)])
    sending.catch(() => {})
    await expect.poll(() => sockets.length).toBeGreaterThan(0)
    const from = Date.now()
    await producer.stop(
      from + 3000,
      sending.catch(() => {}),
    )
    expect(Date.now() - from).toBeGreaterThan(1000)
    expect(Date.now() - from).toBeLessThan(2500)
    expect(producer.status().ok).toBe(false)
  })
})
