import { describe, expect, it } from 'vitest'
import { AuscultError } from '../src/errors.ts'
import { hasKafkaType, isRebalance, kafkaError } from '../src/kafka-error.ts'

const thrown = (fields: object, message = 'something') => Object.assign(new Error(message), fields)
const textOf = (error: unknown) => kafkaError(error, 'group g').message

describe('kafkaError', () => {
  it.each([
    [
      { name: 'KafkaJSConnectionError', code: 'ECONNREFUSED', broker: 'a:1' },
      'the broker a:1 cannot be reached: it refuses connections',
    ],
    [
      { name: 'KafkaJSConnectionError', code: 'ENOTFOUND', broker: 'a:1' },
      'the broker a:1 cannot be reached: there is no such host',
    ],
    [
      { name: 'KafkaJSConnectionError', code: 'CERT_HAS_EXPIRED', broker: 'a:1' },
      'the broker a:1 cannot be trusted or does not speak TLS: something',
    ],
    [{ name: 'KafkaJSConnectionClosedError', broker: 'a:1' }, 'the broker a:1 closes the connection'],
    [
      { name: 'KafkaJSRequestTimeoutError', broker: 'a:1' },
      'the broker a:1 cannot be reached: it does not answer in time',
    ],
    [{ name: 'KafkaJSSASLAuthenticationError' }, 'authentication failed'],
    [{ type: 'GROUP_AUTHORIZATION_FAILED' }, 'this user may not use the consumer group'],
    [{ type: 'INCONSISTENT_GROUP_PROTOCOL' }, 'the consumer group has members of another program'],
    [{}, 'something'],
  ])('says of %j: %s', (fields, message) => {
    const error = kafkaError(thrown(fields), 'group g')
    expect(error).toMatchObject({ code: 'AUSCULT_KAFKA', message, at: 'group g', canRetry: true })
    expect(error.remedy).toMatch(/\.$/)
  })

  it('finds the cause in what it is wrapped in', () => {
    const cause = thrown({ type: 'TOPIC_AUTHORIZATION_FAILED' })
    expect(textOf(thrown({ name: 'KafkaJSNumberOfRetriesExceeded', cause }))).toBe('this user may not use the topic')
    const loop = thrown({ name: 'x' })
    Object.assign(loop, { cause: loop })
    expect(textOf(loop)).toBe('something')
  })

  it('leaves our own errors as they are', () => {
    const error = new AuscultError('AUSCULT_KAFKA', 'no topic')
    expect(kafkaError(error, 'elsewhere')).toBe(error)
  })
})

describe('hasKafkaType', () => {
  it('sees the type of a cause', () => {
    const error = thrown({ cause: thrown({ type: 'ILLEGAL_GENERATION' }) })
    expect(hasKafkaType(error, 'ILLEGAL_GENERATION', 'OTHER')).toBe(true)
    expect(isRebalance(error)).toBe(true)
    expect(isRebalance(thrown({ type: 'NOT_ENOUGH_REPLICAS' }))).toBe(false)
    expect(isRebalance('text')).toBe(false)
  })
})
