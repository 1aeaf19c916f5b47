import { z } from '../../config.ts'
import { axisSchema } from '../axis-json.ts'

const matrix = z
  .string()
  .describe('Base64 of bytes [rows × columns], row by row: 0 for `low` and less, 255 for `high` and more')

/** A window as the model saw it: what came, and what it expected. Rows go from low to high frequencies, or from the first row of a frame on. */
export const viewMessageSchema = z.object({
  type: z.literal('view'),
  source: z.string(),
  id: z.string().describe('Of the window'),
  time: z.number().describe('Of its first sample, milliseconds since the epoch'),
  duration: z.number().describe('Seconds that it spans; 0 for a detector frame'),
  score: z.number(),
  threshold: z.number(),
  anomalous: z.boolean(),
  skipped: z.number().describe('Windows of this source since the view before this one that are not shown'),
  rows: z.number(),
  columns: z.number(),
  low: z.number().describe('What byte 0 stands for. Seldom changes, so that pictures can be compared'),
  high: z.number().describe('What byte 255 stands for'),
  unit: z.string().describe('Of the values'),
  axes: z
    .object({ x: axisSchema, y: axisSchema.optional() })
    .optional()
    .describe('In the first view after subscribing; later ones have the same'),
  features: matrix,
  reconstruction: matrix,
})

export type ViewMessage = z.infer<typeof viewMessageSchema>

/** Shows windows of chosen sources to those who look. */
export interface Views {
  /**
   * @param listener gets a picture now and then while windows come; it must be quick and must not throw. All listeners of a source get the same
   *   object, except for the first, which has `axes`.
   * @returns ends it; may be called more than once
   */
  watch(source: string, listener: (view: ViewMessage) => void): () => void
}
