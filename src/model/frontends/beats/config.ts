import { z } from '../../../config.ts'

/** Options of beat-synchronous pooling. Names and defaults of `librosa.beat.beat_track` where it has them. */
export const beatsSchema = z
  .strictObject({
    frames: z
      .number()
      .int()
      .positive()
      .default(16)
      .describe(
        'Frames that a window is pooled to; with fewer beats the longest segments are halved, with more the shortest neighbours joined',
      ),
    aggregate: z.enum(['mean', 'median']).default('mean').describe('What a segment becomes, for each bin'),
    start_bpm: z.number().positive().default(120).describe('Beats per minute that are taken for most likely'),
    tightness: z.number().positive().default(100).describe('How strongly beats keep to the tempo'),
    trim: z.boolean().default(true).describe('Leave out weak beats at both ends of the window'),
  })
  .nullable()
  .default(null)
  .describe('Beat-synchronous pooling: frames between two beats become one; {} for the defaults, null for none')

export type BeatsConfig = z.infer<typeof beatsSchema>
