import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config.ts'
import { checkBrokers } from '../../src/doctor/brokers.ts'
import { kafkaConnectionSchema } from '../../src/kafka-config.ts'
import { type Broker, SASL_USER, startBroker } from '../helpers/kafka-broker.ts'
import { freePort } from '../helpers/kafka-setup.ts'
import { kafka } from '../helpers/requires.ts'

const SECRET = 'swordfish-7'

const need = (options: object, topics: readonly string[] = []) => ({
  at: 'sources.line',
  connection: checkConfig(options, kafkaConnectionSchema, 'test'),
  topics,
})

it('says that none is configured', async () => {
  expect(await checkBrokers([])).toMatchObject([{ name: 'kafka', state: 'absent' }])
})

it('says which broker does not answer', async () => {
  const broker = `127.0.0.1:${await freePort()}`
  const sasl = { mechanism: 'plain', username: 'alice', password_env: 'PASSWORD' }
  const [check] = await checkBrokers([need({ brokers: [broker], sasl })], { PASSWORD: SECRET })
  expect(check).toMatchObject({ name: 'sources.line', state: 'failed', remedy: expect.any(String) })
  expect(check.text).toContain(`${broker}`)
  expect(JSON.stringify(check)).not.toContain(SECRET)
})

it('names the variable of a password that is not set', async () => {
  const sasl = { mechanism: 'plain', username: 'alice', password_env: 'PASSWORD' }
  const [check] = await checkBrokers([need({ brokers: ['localhost:1'], sasl })], {})
  expect(check).toMatchObject({ state: 'failed', remedy: 'Set PASSWORD where Auscult is started.' })
})

describe.skipIf(!kafka())('a broker', () => {
  let broker: Broker
  let topic: string
  beforeAll(async () => {
    broker = await startBroker({ sasl: true })
    topic = await broker.newTopic('frames')
  })
  afterAll(() => broker?.stop())

  it('has the topics, or not', async () => {
    const { brokers } = broker
    const [has, lacks] = await checkBrokers([need({ brokers }, [topic]), need({ brokers }, [topic, 'sounds'])])
    expect(has).toMatchObject({ state: 'ok', text: expect.stringContaining(` answers: 1 broker, topics ${topic}`) })
    expect(lacks).toMatchObject({ state: 'failed', text: expect.stringContaining('has no topic sounds') })
  })

  it('knows the user, or not', async () => {
    const sasl = { mechanism: 'scram-sha-256', username: SASL_USER.username, password_env: 'PASSWORD' }
    const line = need({ brokers: broker.listener('SASL_PLAINTEXT'), sasl }, [topic])
    expect(await checkBrokers([line], { PASSWORD: SASL_USER.password })).toMatchObject([{ state: 'ok' }])
    const [refused] = await checkBrokers([line], { PASSWORD: SECRET })
    expect(refused).toMatchObject({ state: 'failed', text: expect.stringContaining('authentication') })
    expect(JSON.stringify(refused)).not.toContain(SECRET)
  })
})
