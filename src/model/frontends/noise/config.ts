import { z } from '../../../config.ts'

/** Options of noise reduction. Names and defaults of `noisereduce.reduce_noise(stationary=True)`. */
export const noiseReductionSchema = z
  .strictObject({
    prop_decrease: z.number().min(0).max(1).default(1).describe('Part of the noise that is taken away: 1 all of it'),
    n_std_thresh_stationary: z
      .number()
      .default(1.5)
      .describe("Deviations above a bin's mean level in the window, in dB, from which it is no noise"),
    freq_mask_smooth_hz: z
      .number()
      .positive()
      .nullable()
      .default(500)
      .describe('Hz over which the mask is smoothed; null: not along frequency'),
    time_mask_smooth_ms: z
      .number()
      .positive()
      .nullable()
      .default(50)
      .describe('Milliseconds over which the mask is smoothed; null: not along time'),
    n_fft: z.number().int().min(4).default(1024).describe('Length of the Fourier transform of the gate'),
    hop_length: z
      .number()
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe('Samples between frames; n_fft/4 when null'),
  })
  .nullable()
  .default(null)
  .describe(
    'Spectral gating before the front end: what is about as loud as ever in its bin is taken for noise; {} for the defaults, null for none',
  )

export type NoiseReductionConfig = z.infer<typeof noiseReductionSchema>
