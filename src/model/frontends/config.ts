import { z } from '../../config.ts'
import { beatsSchema } from './beats/config.ts'
import { noiseReductionSchema } from './noise/config.ts'
import {
  type Band,
  bandFits,
  beatsFit,
  binFits,
  type Cepstral,
  check,
  cropFits,
  featuresCropFits,
  framesFit,
  gateFits,
  maskFits,
  mfccFits,
  oneLength,
  type Spectral,
  stackFits,
  windowFits,
} from './rules.ts'

const positiveInt = z.number().int().positive()

const normalization = (standard: 'minmax' | 'standard') =>
  z
    .enum(['none', 'minmax', 'symmetric', 'standard'])
    .default(standard)
    .describe(
      'Scaling fitted on the training set: minmax to [0, 1], symmetric to [−1, 1], standard to mean 0 and deviation 1, or none',
    )

const stack = positiveInt
  .nullable()
  .default(null)
  .describe('Consecutive frames that make one model input (DCASE: 5), or null: all frames of the window are one input')

const crop = z
  .union([z.literal('square'), positiveInt])
  .nullable()
  .default(null)
  .describe(
    'Frames of a crop, square: as many as bins; null: no crops. Each is a model input [frames, bins]. Training takes them from random places of the window, others in each epoch; scoring takes as many as cover it, evenly spaced',
  )

const maskPadding = z
  .boolean()
  .default(false)
  .describe(
    'Frames that lie wholly in the exact zeros at the end of a window, which other_length: pad puts there, become 0 in all bins after normalisation, which does not count them. Recurrent networks leave them out',
  )

const cmn = z
  .boolean()
  .default(false)
  .describe(
    "Cepstral mean normalisation: each bin's mean over the window is taken off, so that loudness and colour do not count and only what changes within a window does",
  )

const audio = {
  sample_rate: positiveInt.default(16_000).describe('Samples per second; recordings of another rate are resampled'),
  window_seconds: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Length of a window in seconds; 1 when window_samples is null too'),
  window_samples: positiveInt.nullable().default(null).describe('Length of a window in samples, instead of seconds'),
  noise_reduction: noiseReductionSchema,
}

const framing = {
  n_fft: z.number().int().min(2).default(1024).describe('Length of the Fourier transform; powers of two are fastest'),
  hop_length: positiveInt.default(512).describe('Samples between frames'),
  win_length: positiveInt.nullable().default(null).describe('Length of the Hann window; n_fft when null'),
  center: z.boolean().default(true).describe('Pad the window by n_fft/2 on both sides, so that frames are centred'),
  pad_mode: z
    .enum(['constant', 'reflect'])
    .default('constant')
    .describe('What is padded: zeros, or the mirrored signal'),
}

const power = (standard: 1 | 2) =>
  z.literal([1, 2]).default(standard).describe('Exponent of the magnitude: 1 is amplitude, 2 is power')

const mel = {
  ...framing,
  power: power(2),
  n_mels: positiveInt.default(128).describe('Mel bands'),
  fmin: z.number().min(0).default(0).describe('Lowest frequency in Hz'),
  fmax: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Highest frequency in Hz; half the sample rate when null'),
  htk: z.boolean().default(false).describe("HTK's mel scale instead of Slaney's"),
  norm: z
    .literal('slaney')
    .nullable()
    .default('slaney')
    .describe('slaney: filters of equal area; null: of equal height'),
}

const decibel = {
  ref: z
    .union([z.number().positive(), z.literal('max')])
    .default(1)
    .describe('Power that becomes 0 dB, or max: the largest of the window'),
  amin: z.number().min(1e-30).default(1e-10).describe('Smallest power; everything below becomes it'),
  top_db: z
    .number()
    .nonnegative()
    .nullable()
    .default(80)
    .describe('Values further below the largest of the window are raised to it, in dB; null leaves them'),
}

const chroma = {
  n_chroma: z
    .number()
    .int()
    .min(2)
    .default(12)
    .describe('Pitch classes; the first is C where they are a multiple of 12'),
  tuning: z
    .number()
    .nullable()
    .default(0)
    .describe('How far the pitch is from A = 440 Hz, as a part of a pitch class; null estimates it in each window'),
  ctroct: z.number().default(5).describe('Octave, counted from A = 27.5 Hz, that weighs most'),
  octwidth: z
    .number()
    .positive()
    .nullable()
    .default(2)
    .describe('Deviation in octaves of the weights around it; null: all octaves weigh the same'),
}

const chromaNorm = z
  .literal(['max', 1, 2])
  .nullable()
  .default('max')
  .describe(
    'What the pitch classes of a frame are divided by: their largest, their sum (1), their Euclidean length (2); null: nothing',
  )

const { power: _, ...melOfPower } = mel

/** What may be done to the frames of any spectrum. */
const frames = {
  beats: beatsSchema,
  stack,
  crop,
  mask_padding: maskPadding,
  normalization: normalization('standard'),
}

const spectral = [oneLength, gateFits, windowFits, framesFit, beatsFit, cropFits, maskFits]

/** Options of every front end. Names and defaults of librosa where it has them, but for n_fft. */
export const frontEndSchema = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('raw').describe('The samples themselves'),
      ...audio,
      normalization: normalization('minmax'),
    })
    .superRefine(check(oneLength, gateFits)),
  z
    .strictObject({
      type: z.literal('fft').describe('Magnitude of the Fourier transform of the whole window'),
      ...audio,
      window: z
        .enum(['boxcar', 'hann'])
        .default('boxcar')
        .describe('What the samples are multiplied by: 1, or a Hann window'),
      power: power(1),
      to_db: z.boolean().default(false).describe('In dB, by ref, amin and top_db'),
      ...decibel,
      normalization: normalization('standard'),
    })
    .superRefine(check(oneLength, gateFits)),
  z
    .strictObject({
      type: z.literal('stft').describe('Magnitude of the short-time Fourier transform'),
      ...audio,
      ...framing,
      power: power(1),
      ...frames,
    })
    .superRefine(check<Spectral>(...spectral)),
  z
    .strictObject({
      type: z.literal('mel').describe('Mel spectrogram'),
      ...audio,
      ...mel,
      ...frames,
    })
    .superRefine(check<Spectral & Band>(...spectral, bandFits)),
  z
    .strictObject({
      type: z.literal('log-mel').describe('Mel spectrogram in dB'),
      ...audio,
      ...mel,
      ...decibel,
      cmn,
      ...frames,
    })
    .superRefine(check<Spectral & Band>(...spectral, bandFits)),
  z
    .strictObject({
      type: z.literal('mfcc').describe('Mel-frequency cepstral coefficients'),
      ...audio,
      ...mel,
      ...decibel,
      n_mfcc: positiveInt.default(20).describe('Coefficients, the lowest first'),
      lifter: z
        .number()
        .nonnegative()
        .default(0)
        .describe('Raises the higher coefficients by a sine of this length; 0 does not'),
      cmn,
      ...frames,
    })
    .superRefine(check<Spectral & Band & Cepstral>(...spectral, bandFits, mfccFits)),
  z
    .strictObject({
      type: z.literal('chroma').describe('Energy of the pitch classes'),
      ...audio,
      ...framing,
      ...chroma,
      norm: chromaNorm,
      ...frames,
    })
    .superRefine(check<Spectral>(...spectral)),
  z
    .strictObject({
      type: z.literal('mel-chroma').describe('Mel spectrogram in dB, and below it the energy of the pitch classes'),
      ...audio,
      ...melOfPower,
      ...decibel,
      ...chroma,
      chroma_norm: chromaNorm,
      cmn,
      ...frames,
    })
    .superRefine(check<Spectral & Band>(...spectral, bandFits)),
  z
    .strictObject({
      type: z.literal('frame').describe('Detector frames'),
      shape: z
        .array(positiveInt)
        .min(1)
        .describe('Shape of a frame: [n], [height, width] or [height, width, channels]')
        .meta({ example: [100, 100] }),
      bin: positiveInt.default(1).describe('Values added up along each spatial axis: 2 makes one value of 2 × 2'),
      log1p: z.boolean().default(false).describe('Take ln(1 + gain · x) after binning'),
      gain: z
        .number()
        .positive()
        .default(1)
        .describe('What values are multiplied by before log1p: 1000 where those of interest are far below 1'),
      normalization: normalization('minmax'),
    })
    .superRefine(check(binFits)),
  z
    .strictObject({
      type: z.literal('features').describe('Features computed elsewhere'),
      shape: z
        .tuple([positiveInt, positiveInt])
        .describe('Shape of a window: [frames, bins]')
        .meta({ example: [200, 128] }),
      cmn,
      stack,
      crop,
      normalization: normalization('standard'),
    })
    .superRefine(check(stackFits, featuresCropFits)),
])

export type FrontEndConfig = z.infer<typeof frontEndSchema>
