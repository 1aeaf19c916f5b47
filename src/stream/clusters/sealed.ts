import { createHash } from 'node:crypto'
import { z } from '../../config.ts'
import { refusal } from '../../model/clusters/snapshot.ts'

/** Version of what is sealed. A reader refuses any other. */
export const SEALED_FORMAT = 1

const schema = z.strictObject({ format: z.literal(SEALED_FORMAT), content: z.unknown(), checksum: z.string() })

export type Sealed = z.infer<typeof schema>

/** A value of JSON that shows when it was edited. */
export const seal = (content: unknown): Sealed => ({ format: SEALED_FORMAT, content, checksum: checksumOf(content) })

/** @param what it is, for errors. @throws AUSCULT_STATE when it is of another version, cut off or edited */
export function unseal<T>(raw: unknown, content: z.ZodType<T>, what: string): T {
  const format = (raw as { format?: unknown } | null)?.format
  if (typeof format === 'number' && format !== SEALED_FORMAT) {
    throw refusal(`their ${what} have format ${format}; this version reads ${SEALED_FORMAT}`)
  }
  const sealed = schema.safeParse(raw)
  if (!sealed.success) throw refusal(`their ${what} are not whole`)
  if (checksumOf(sealed.data.content) !== sealed.data.checksum) {
    throw refusal(`the checksum of their ${what} differs: they were edited or damaged`)
  }
  const result = content.safeParse(sealed.data.content)
  if (!result.success) throw refusal(`their ${what} are not whole (${result.error.issues[0].path.join('.')})`)
  return result.data
}

const checksumOf = (content: unknown): string => createHash('sha256').update(JSON.stringify(content)).digest('hex')
