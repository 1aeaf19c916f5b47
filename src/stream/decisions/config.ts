import { z } from '../../config.ts'

export const decisionsSchema = z
  .strictObject({
    recalibrate_every_hours: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe(
        'Hours after which all sources are calibrated anew by themselves, guarded as by `recalibration`; null: never',
      ),
  })
  .describe('What is decided while the daemon runs, besides what people decide (`auscult ctl`)')

export type DecisionsConfig = z.infer<typeof decisionsSchema>
