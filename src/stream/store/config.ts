import { z } from '../../config.ts'

export const storeSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Database file of events and episodes; null keeps them in memory, until the daemon stops'),
  retention_days: z
    .number()
    .positive()
    .nullable()
    .default(90)
    .describe('Days for which events are kept; null goes by size only'),
  max_mb: z
    .number()
    .min(1)
    .nullable()
    .default(1000)
    .describe('Most that events may take in megabytes, in memory at most 64; the oldest go first. null: no bound'),
})

export type StoreConfig = z.infer<typeof storeSchema>
