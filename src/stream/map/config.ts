import { z } from '../../config.ts'

export const mapSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether windows are placed on the map of the training latents'),
  rate: z
    .number()
    .positive()
    .max(1000)
    .default(20)
    .describe('Windows a second that are placed, over all sources; anomalous ones come first'),
})

export type MapConfig = z.infer<typeof mapSchema>
