import { createHash, createHmac } from 'node:crypto'

const PREFIX = 'whsec_'
const LEAST_BYTES = 24
const MOST_BYTES = 64

/**
 * Keys of what a secret variable holds: `whsec_` and base64, several with spaces between them while one replaces the other. Undefined
 * when it is something else.
 */
export function parseSecrets(text: string): Buffer[] | undefined {
  const keys = text
    .trim()
    .split(/\s+/)
    .map(secret => {
      const [, encoded] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? []
      return encoded === undefined ? Buffer.alloc(0) : Buffer.from(encoded, 'base64')
    })
  return keys.every(({ length }) => length >= LEAST_BYTES && length <= MOST_BYTES) ? keys : undefined
}

export const SECRET_REMEDY = `It is ${PREFIX} and ${LEAST_BYTES} to ${MOST_BYTES} bytes of base64: echo ${PREFIX}$(openssl rand -base64 32)`

/**
 * Headers of a message as Standard Webhooks 1.0.0 has them: HMAC-SHA256 over id, time and body. The id is the same for each attempt and each
 * reading of the same input; the time, in seconds, is that of the attempt.
 */
export function signedHeaders(
  id: string,
  seconds: number,
  body: string,
  keys: readonly Buffer[],
): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(seconds) }
  if (keys.length === 0) return headers
  const signatures = keys.map(
    key => `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  )
  return { ...headers, 'webhook-signature': signatures.join(' ') }
}

/** An `event_id` as a header can carry it: what is not plain or too long is replaced by its digest. */
export const headerId = (eventId: string): string =>
  /^[\x21-\x7e]{1,200}$/.test(eventId) ? eventId : `sha256-${createHash('sha256').update(eventId).digest('hex')}`
