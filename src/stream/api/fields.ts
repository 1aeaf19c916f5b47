import { z } from '../../config.ts'
import type { By } from '../decisions/types.ts'

/** A whole number as the query has it. */
export const whole = (low: number, high = Number.MAX_SAFE_INTEGER) =>
  z
    .string(`a whole number from ${low} on`)
    .regex(/^\d{1,16}$/, `must be a whole number from ${low} to ${high}`)
    .transform(Number)
    .pipe(z.int().min(low).max(high))

/** A number as the query has it. */
export const decimal = z
  .string('must be a number')
  .regex(/^-?\d{1,15}(\.\d{1,15})?$/, 'must be a number')
  .transform(Number)
  .pipe(z.number())

export const flag = z
  .enum(['true', 'false'])
  .transform(text => text === 'true')
  .pipe(z.boolean())

export const text = z.string().min(1).max(1000)

/** A parameter that may be given more than once, as a list. */
export const oneOrMore = <T extends z.ZodType>(one: T) =>
  z.preprocess(value => (typeof value === 'string' ? [value] : value), z.array(one).min(1).max(100))

export const MOST_ROWS = 1000
/** Ten years. */
export const LONGEST_SECONDS = 315_360_000

export const limit = whole(1, MOST_ROWS).default(100).describe('Most entries of the answer')

const who = z.string().trim().min(1).max(200).describe('Who decides; without it the address of the request')
const note = z.string().trim().min(1).max(2000).describe('Why, for the audit log')

/** Of every change: fields of a body, or of a query. */
export const by = { who: who.optional(), note: note.optional() }

/** Who decides: as they say, or else where they ask from. */
export const deciderOf = (given: { who?: string; note?: string }, from: string): By => ({
  who: given.who ?? from,
  ...(given.note !== undefined && { note: given.note }),
})

/** A page from one entry more than was asked for, which tells whether there is another page. */
export function pageOf<T, K>(found: readonly T[], size: number, key: (entry: T) => K): { rows: T[]; next: K | null } {
  const rows = found.slice(0, size)
  return { rows, next: found.length > size ? key(rows[rows.length - 1]) : null }
}

/** Where the next page begins, as a schema. */
export const next = (schema: z.ZodType, where: string) =>
  schema.nullable().describe(`Give it as ${where} for the next page; null: this is the last one`)
