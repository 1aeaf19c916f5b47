import { z } from '../../config.ts'

const windows = (around: string) => z.number().int().min(0).max(64).default(2).describe(`Windows kept ${around}`)

export const evidenceSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether episodes are explained, and clips of them kept'),
  path: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'Folder of evidence; null: store.path with `.evidence` behind it, or a temporary one when events are in memory',
    ),
  windows_before: windows('before the worst of an episode'),
  windows_after: windows('after it'),
  memory_mb: z
    .number()
    .positive()
    .default(64)
    .describe(
      'Most that windows may take in memory, of all sources together; with many sources fewer are kept of each',
    ),
  keep_days: z
    .number()
    .positive()
    .nullable()
    .default(30)
    .describe('Days for which evidence is kept; null goes by size only'),
  max_mb: z
    .number()
    .min(1)
    .nullable()
    .default(1000)
    .describe('Most that evidence may take on the disk; the oldest goes first. null: no bound'),
})

export type EvidenceConfig = z.infer<typeof evidenceSchema>
