import { z } from '../../config.ts'

/** Options of `auscult record`, beside the sources. */
export const recordSchema = z.strictObject({
  folder: z
    .string()
    .min(1)
    .default('recorded')
    .describe('Folder to write to; each source has one of its own in it')
    .meta({ example: 'recorded' }),
  sample_rate: z
    .number()
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Samples per second of recorded sound; null: as the bundle takes it'),
  shape: z
    .array(z.number().int().positive())
    .min(1)
    .optional()
    .describe('Shape of recorded frames, for feeds that are no sound, where no bundle says it'),
  encoding: z
    .enum(['int16', 'float32'])
    .default('int16')
    .describe('Samples of wav files; int16 clips beyond full scale, float32 takes twice the space'),
  minutes: z.number().positive().default(10).describe('A file is ended after so many minutes of the feed'),
  megabytes: z.number().positive().max(2000).default(500).describe('A file is ended before it is larger'),
  keep_days: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Recordings older than this are deleted; null: none'),
  keep_megabytes: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('The oldest recordings of the folder are deleted beyond this size, all sources together; null: none'),
})

export type RecordConfig = z.infer<typeof recordSchema>
