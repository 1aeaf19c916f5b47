import { describe, expect, it } from 'vitest'
import { checkKafkaSource, heartbeatMs } from '../../../src/ingest/kafka/config.ts'
import { kafkaConfig } from '../../helpers/kafka-feed.ts'

const check = (options: object) => () =>
  checkKafkaSource(kafkaConfig({ brokers: ['localhost:9092'], topics: ['a', 'b'], ...options }), 'sources.feed')

describe('checkKafkaSource', () => {
  it.each([
    [{ topics: ['a', 'a'] }, 'sources.feed.topics'],
    [{ dead_letter_topic: 'b' }, 'sources.feed.dead_letter_topic'],
    [{ drain_ms: 60_000 }, 'sources.feed.drain_ms'],
    [{ session_timeout_ms: 6000, max_wait_ms: 6000 }, 'sources.feed.max_wait_ms'],
  ])('refuses %j', (options, at) => {
    expect(check(options)).toThrow(expect.objectContaining({ code: 'AUSCULT_CONFIG', at }))
  })

  it('takes the defaults', () => {
    expect(check({})).not.toThrow()
  })
})

describe('kafkaSourceSchema', () => {
  it.each([
    { brokers: ['localhost'] },
    { brokers: [] },
    { topics: [] },
    { topics: ['a b'] },
    { sasl: { mechanism: 'plain', username: 'u', password: 'p' } },
  ])('refuses %j', options => {
    expect(() => kafkaConfig({ brokers: ['localhost:9092'], ...options })).toThrow(
      expect.objectContaining({ code: 'AUSCULT_CONFIG' }),
    )
  })
})

describe('heartbeatMs', () => {
  it('fits several times in a session, and is short', () => {
    const of = (session_timeout_ms: number) => heartbeatMs(kafkaConfig({ brokers: ['a:1'], session_timeout_ms }))
    expect([of(6000), of(10_000), of(45_000)]).toEqual([1200, 2000, 2000])
  })
})
