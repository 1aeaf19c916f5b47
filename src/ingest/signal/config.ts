import { z } from '../../config.ts'

const seconds = z.number().min(0.1).max(3600)

/** Options of what is watched in a feed of sound, to be spread into the options of a source. Each may be null: not watched. */
export const signalOptions = {
  silence: z
    .strictObject({
      below_dbfs: z
        .number()
        .max(0)
        .default(-80)
        .describe('Level in decibels of full scale (a square wave at full scale has 0), without the constant part'),
      seconds: seconds.default(10).describe('The sound stayed below the level for so long'),
    })
    .nullable()
    .prefault({})
    .describe('A microphone that hears nothing: muted, unplugged, or nothing is playing. null: not watched'),
  flat_line: z
    .strictObject({
      seconds: seconds.default(5).describe('All samples had the same value, other than zero, for so long'),
    })
    .nullable()
    .prefault({})
    .describe('A converter or cable that is stuck. null: not watched'),
  clipping: z
    .strictObject({
      share: z.number().gt(0).max(1).default(0.01).describe('So much of the samples is at full scale'),
      seconds: seconds.default(10).describe('Over so long'),
    })
    .nullable()
    .prefault({})
    .describe('An input gain that is too high. null: not watched'),
  wrong_rate: z
    .strictObject({
      tolerance: z.number().gt(0).lt(1).default(0.02).describe('Samples a second are off by more than this part'),
      seconds: z.number().min(3).max(3600).default(30).describe('In both halves of so long'),
    })
    .nullable()
    .prefault({})
    .describe('A device that does not run at the rate it was asked for, or loses sound. null: not watched'),
}

const signalSchema = z.strictObject(signalOptions)

export type SignalConfig = z.infer<typeof signalSchema>
