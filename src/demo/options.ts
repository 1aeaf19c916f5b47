import { z } from '../config.ts'

/** Options of `auscult demo`. */
export const demoOptionsSchema = z.strictObject({
  once: z.boolean().default(false).describe('Listen to the feed once, as fast as possible, and end'),
  json: z.boolean().default(false).describe('End with one line of JSON on stdout; everything else goes to stderr'),
  seed: z.number().int().min(0).default(1).describe('Another seed, another machine with other faults'),
  port: z
    .number()
    .int()
    .min(0)
    .max(65535)
    .nullable()
    .default(null)
    .describe('Port of the page; null takes 8080, or a free one where that is taken'),
  minutes: z.number().min(1).max(600).default(5).describe('Minutes of normal sound in the feed, besides the faults'),
  speed: z.number().positive().max(1000).default(5).describe('Times real time that the feed plays at, unless once'),
})

export type DemoOptions = z.infer<typeof demoOptionsSchema>
