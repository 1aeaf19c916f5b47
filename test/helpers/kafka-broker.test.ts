import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import type { KafkaConfig, SASLOptions } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Broker, SASL_USER, startBroker } from './kafka-broker.ts'
import { kafkaJars } from './kafka-setup.ts'
import { kafkaOfOurs, PROJECT } from './requires.ts'
import { until } from './until.ts'

const kafka = kafkaOfOurs()

describe.skipIf(!kafka)('the Kafka broker of the tests', { timeout: 60_000 }, () => {
  let broker: Broker
  beforeAll(async () => {
    broker = await startBroker({ sasl: true, tls: true })
  })
  afterAll(() => broker?.stop())

  it('keeps messages and offsets, also when it is killed', async () => {
    const topic = await broker.newTopic('kept', 2)
    const producer = await broker.producer()
    await producer.send({
      topic,
      acks: -1,
      messages: [
        { value: 'a', partition: 1 },
        { value: 'b', partition: 1 },
      ],
    })
    await producer.disconnect()
    expect(await broker.committed('nobody', topic)).toEqual([-1, -1])
    await broker.kill()
    expect(broker.pid).toBeUndefined()
    await expect(broker.ends(topic)).rejects.toThrow()
    await broker.restart()
    expect(await broker.ends(topic)).toEqual([0, 2])
  })

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('knows its user by SASL %s', async mechanism => {
    // kafkajs writes into these objects: each client gets its own.
    const credentials = (password: string) => ({ mechanism, username: SASL_USER.username, password }) as SASLOptions
    const connect = async (password: string, config: Partial<KafkaConfig>) => {
      const admin = broker.client({ sasl: credentials(password), ...config }).admin()
      await admin.connect().finally(() => admin.disconnect())
    }
    const ssl = { ca: readFileSync(broker.certificate) }
    await connect(SASL_USER.password, { brokers: broker.listener('SASL_PLAINTEXT') })
    await connect(SASL_USER.password, { brokers: broker.listener('SASL_SSL'), ssl })
    await expect(connect('wrong', { brokers: broker.listener('SASL_PLAINTEXT') })).rejects.toThrow(/authentication/i)
  })

  it('shows a certificate on the listener with TLS', async () => {
    const ssl = { ca: readFileSync(broker.certificate) }
    const admin = broker.client({ brokers: broker.listener('SSL'), ssl }).admin()
    await admin.connect()
    await admin.disconnect()
    const stranger = broker.client({ brokers: broker.listener('SSL'), ssl: true, retry: { retries: 0 } }).admin()
    await expect(stranger.connect()).rejects.toThrow(/self[- ]signed/)
  })

  it('dies with the process that started it, and leaves nothing behind', async () => {
    const script = `
      import { startBroker } from './test/helpers/kafka-broker.ts'
      const broker = await startBroker({ own: true })
      console.log(JSON.stringify({ pid: broker.pid, folder: broker.folder }))
      process.kill(process.pid, 'SIGKILL')`
    const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: PROJECT,
      encoding: 'utf8',
    })
    expect(child.signal).toBe('SIGKILL')
    const { pid, folder } = JSON.parse(child.stdout)
    await until(() => !existsSync(`/proc/${pid}`) && !existsSync(folder))
  })
})

describe('.ci/kafka-jars', () => {
  it.skipIf(!kafka)('does nothing where the jars are', () => {
    const { status, stdout } = spawnSync('.ci/kafka-jars', { cwd: PROJECT, encoding: 'utf8' })
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
    expect(existsSync(kafkaJars())).toBe(true)
  })
})
