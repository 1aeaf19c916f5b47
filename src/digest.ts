import { createHash } from 'node:crypto'

/** Names a value of JSON by its content: the first 16 hex digits of the SHA-256 of its text. */
export const digestOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
