import { z } from '../../config.ts'

export const metricsSchema = z.strictObject({
  max_sources: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe('Sources with series of their own in /metrics; those above are added up as source="(others)"'),
  handed_over_seconds: z
    .number()
    .nonnegative()
    .default(600)
    .describe('Seconds after which a source that another daemon has taken over is left out of /metrics'),
})

export type MetricsConfig = z.infer<typeof metricsSchema>
