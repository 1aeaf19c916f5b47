import { createHash } from 'node:crypto'
import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { pack, unpack } from '../packed.ts'
import { clustersSchema } from './config.ts'
import { rosterSchema } from './roster.ts'

/** Version of the layout. A reader refuses any other. */
export const SNAPSHOT_FORMAT = 1

const schema = z.strictObject({
  format: z.literal(SNAPSHOT_FORMAT),
  dimensions: z.number().int().positive(),
  config: clustersSchema,
  roster: rosterSchema,
  /** Base64 of little-endian float64. */
  arrays: z.record(z.string(), z.string()),
  /** SHA-256 of everything above, hex. */
  checksum: z.string(),
})

export type ClustererSnapshot = z.infer<typeof schema>
type Content = Omit<ClustererSnapshot, 'format' | 'arrays' | 'checksum'>

export function seal(content: Content, arrays: Record<string, Float64Array>): ClustererSnapshot {
  const packed = Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, pack(values)]))
  const body = { format: SNAPSHOT_FORMAT, ...content, arrays: packed } as const
  return { ...body, checksum: checksumOf(body) }
}

/** @param at where it is from, for errors. @throws AUSCULT_STATE when it is of another version, cut off or edited */
export function open(raw: unknown, at?: string): ClustererSnapshot {
  const format = (raw as { format?: unknown } | null)?.format
  if (typeof format === 'number' && format !== SNAPSHOT_FORMAT) {
    throw refusal(`it has format ${format}; this version reads ${SNAPSHOT_FORMAT}`, at)
  }
  const result = schema.safeParse(raw)
  if (!result.success) throw refusal(`it is not whole (${result.error.issues[0].path.join('.') || 'no object'})`, at)
  const { checksum, ...body } = raw as ClustererSnapshot
  if (checksumOf(body) !== checksum) throw refusal('its checksum differs: it was edited or damaged', at)
  return result.data
}

/** An array of a snapshot. @throws AUSCULT_STATE when it is absent or of another length */
export function arrayOf(snapshot: ClustererSnapshot, name: string, length: number): Float64Array {
  const values = unpack(snapshot.arrays[name] ?? '', length)
  if (!values) throw refusal(`its ${name} are not ${length} numbers`)
  return values
}

export function refusal(why: string, at?: string): AuscultError {
  return new AuscultError('AUSCULT_STATE', `the saved clusters cannot be used: ${why}`, {
    ...(at === undefined ? {} : { at }),
    remedy: 'Remove them to begin anew from the clusters of the bundle.',
  })
}

const checksumOf = (body: object): string => createHash('sha256').update(canonical(body)).digest('hex')

/** JSON with the keys of each object in order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each) =>
    each && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
