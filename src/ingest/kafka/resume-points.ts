import { z } from '../../config.ts'
import type { ResumePoint } from './joiner/joiner.ts'

/** Undefined is a message without a key. */
type Key = string | undefined

/** Written beside a committed offset: by key (its bytes as characters; null without a key), the state of its sound there. */
const writtenSchema = z.strictObject({
  v: z.literal(1),
  /** Keys were left out, for want of room. */
  cut: z.boolean().optional(),
  k: z.array(
    z.tuple([
      z.string().nullable(),
      z
        .string()
        .regex(/^\d{1,16}$/)
        .nullable(),
      z.number().int().nonnegative(),
      z.number().nullable(),
      z.number().int().nullable(),
      z.number().int().nullable(),
    ]),
  ),
})

type Written = z.infer<typeof writtenSchema>

export interface ResumePoints {
  readonly points: readonly (readonly [Key, ResumePoint])[]
  /** Whether all keys are in it that there were. */
  readonly complete: boolean
}

/**
 * The state of each key as the metadata of an offset, those that spoke last first, as far as they fit in.
 * @returns at most `room` bytes; null when there is nothing to write, or no room to
 */
export function writeResumePoints(
  points: readonly (readonly [Key, ResumePoint | undefined])[],
  room: number,
): string | null {
  const known = points.flatMap(([key, point]) => (point ? [[key, point] as const] : []))
  known.sort(([, a], [, b]) => (b.ended ?? 0) - (a.ended ?? 0))
  if (known.length === 0) return null
  const empty: Written = { v: 1, cut: true, k: [] }
  let left = room - byteLength(empty)
  if (left < 0) return null
  const entries: Written['k'] = []
  for (const [key, { segment, position, ended, sequence, first }] of known) {
    const entry: Written['k'][number] = [key ?? null, segment, position, ended, sequence, first]
    left -= byteLength(entry) + 1
    if (left < 0) break
    entries.push(entry)
  }
  return JSON.stringify({ v: 1, ...(entries.length < known.length && { cut: true }), k: entries } satisfies Written)
}

/** Metadata that another program or version wrote counts as none that is complete. */
export function readResumePoints(metadata: string | null): ResumePoints {
  if (!metadata) return { points: [], complete: true }
  const result = writtenSchema.safeParse(parse(metadata))
  if (!result.success) return { points: [], complete: false }
  const points = result.data.k.map(([key, segment, position, ended, sequence, first]): readonly [Key, ResumePoint] => [
    key ?? undefined,
    { segment, position, ended, sequence, first },
  ])
  return { points, complete: !result.data.cut }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const byteLength = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
