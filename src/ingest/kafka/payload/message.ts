import { AuscultError } from '../../../errors.ts'

/** Headers as kafkajs gives them. */
export type MessageHeaders = Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>

/** What a decoder needs of a Kafka message. */
export interface PayloadMessage {
  /** null is a tombstone. The bytes may be a slice of a whole batch: decoders copy what they keep. */
  readonly value: Buffer | null
  readonly headers?: MessageHeaders
  /** Topic, partition and offset, for errors. */
  readonly at: string
  /** Kafka's timestamp, ms since the epoch. */
  readonly timestamp?: number
}

/** Places of messages as errors name them. */
export const placeOf = (topic: string, partition: number, offset: string | bigint): string =>
  `${topic}/${partition}/${offset}`

/** @throws AUSCULT_INPUT_INVALID for a message without a value, or with an empty one */
export function bytesOf({ value, at }: PayloadMessage): Buffer {
  if (value && value.length > 0) return value
  throw invalid(at, value ? 'the message is empty' : 'the message has no value')
}

/**
 * The text of a header, the last one where there are several of its name.
 * @throws AUSCULT_INPUT_INVALID when it is absent
 */
export function headerOf({ headers, at }: PayloadMessage, name: string): string {
  const header = headers && Object.hasOwn(headers, name) ? headers[name] : undefined
  const last = Array.isArray(header) ? header.at(-1) : header
  if (last === undefined || last === null) {
    throw invalid(
      at,
      `the header ${JSON.stringify(name)} is absent`,
      'Let the producer set it, or leave the option out.',
    )
  }
  return typeof last === 'string' ? last : last.toString('utf8')
}

/** The most milliseconds either side of 1970 that a Date can hold. */
const MAX_TIME = 8.64e15
const NUMBER = /^-?\d{1,16}(\.\d{1,9})?$/
/** With a zone: without one it would mean another time on another machine. */
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/i

/**
 * Milliseconds since the epoch, from such a number (or its decimal text) or an ISO 8601 time with a zone.
 * @throws AUSCULT_INPUT_INVALID
 */
export function parseTime(value: unknown, at: string): number {
  const text = typeof value === 'string' ? value.trim() : value
  let time = Number.NaN
  if (typeof text === 'number') time = text
  else if (typeof text === 'string' && NUMBER.test(text)) time = Number(text)
  else if (typeof text === 'string' && ISO.test(text)) time = Date.parse(text.replace(',', '.'))
  if (Math.abs(time) <= MAX_TIME) return time
  const shown = JSON.stringify(value)?.slice(0, 40) ?? String(value)
  throw invalid(
    at,
    `${shown} is no time`,
    'Send milliseconds since 1970, or ISO 8601 with a zone (2026-01-31T12:00:00Z).',
  )
}

export const invalid = (at: string, message: string, remedy = "Compare the producer's messages with `payload`.") =>
  new AuscultError('AUSCULT_INPUT_INVALID', message, { at, remedy })
