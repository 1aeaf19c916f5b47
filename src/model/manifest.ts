import { z } from '../config.ts'

/** Version of the bundle layout. A reader refuses any other. */
export const BUNDLE_FORMAT = 1

/** `golden_tolerance` of new bundles: WebGPU and CUDA round otherwise than the CPU, and users may allow CUDA to multiply in TF32. */
export const GOLDEN_TOLERANCE = 2e-3

/** `manifest.json` of a bundle: everything that a reader needs besides the numbers. */
export const manifestSchema = z.strictObject({
  format: z.literal(BUNDLE_FORMAT),
  name: z.string(),
  created: z.string(),
  auscult: z.string(),
  /** How the training files were read (an input's `format`), so that others can be read the same way. */
  input: z.record(z.string(), z.unknown()).optional(),
  /** What training did with recordings shorter than a window; absent in bundles of older versions. */
  other_length: z.enum(['drop', 'pad', 'refuse']).optional(),
  /** The front end's configuration, as in the training configuration, every default filled in. */
  front_end: z.record(z.string(), z.unknown()),
  /** Per-feature affine normalisation: x' = (x − offset) × scale. One value, or one per entry of the last feature axis. */
  normalization: z.strictObject({ offset: z.array(z.number()), scale: z.array(z.number()) }),
  architecture: z.record(z.string(), z.unknown()),
  /** Where the model was made elsewhere: the files that `auscult calibrate` read, relative to the model's folder. */
  foreign: z
    .strictObject({
      model: z.string(),
      /** Files that hold weights of it. */
      weights: z.array(z.string()),
      /** Of `model` and `weights`, one after the other. */
      model_sha256: z.string(),
      manifest: z.string(),
      manifest_sha256: z.string(),
    })
    .optional(),
  window: z.strictObject({
    shape: z.array(z.number().int().positive()),
    /** Samples per second of audio windows; null for detector frames. */
    sample_rate: z.number().positive().nullable(),
  }),
  items: z.number().int().positive(),
  feature_shape: z.array(z.number().int().positive()),
  latent_size: z.number().int().positive(),
  /** The reconstruction error that was minimised; it is the score unless there is a residual_spread or a detector. */
  score: z.enum(['mse', 'mae', 'smooth-l1', 'bce']),
  /** Of each feature's mean residual over training windows. Where it is given the score is residualScores. */
  residual_spread: z.array(z.number().positive()).optional(),
  /** Where something else than the error is the score: the options of `detector.json`. */
  detector: z.record(z.string(), z.unknown()).optional(),
  /** Of a model that tells classes apart, in the order of its probabilities. */
  classes: z.array(z.string()).min(2).optional(),
  /** What classes of label files are called in `classes`, where otherwise; null: none of them. */
  class_map: z.record(z.string(), z.string().nullable()).optional(),
  training: z.strictObject({
    files: z.number().int(),
    windows: z.number().int(),
    held_out_files: z.number().int(),
    epochs: z.number().int(),
    best_loss: z.number(),
    seed: z.number().int(),
    seconds: z.number(),
  }),
  /** Largest relative difference of a re-scored golden window that a reader accepts. */
  golden_tolerance: z.number().positive(),
  libraries: z.record(z.string(), z.string()),
  /** SHA-256 of each other file of the bundle, hex. */
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
})

export type Manifest = z.infer<typeof manifestSchema>

/** `calibration.json`: the distribution of scores on held-out normal windows. Thresholds are resolved from it. */
export const calibrationSchema = z.strictObject({
  count: z.number().int().positive(),
  mean: z.number(),
  std: z.number(),
  /** 1001 quantiles at 0, 0.001, … 1. */
  quantiles: z.array(z.number()).length(1001),
  /** Maximum-likelihood fit of a gamma distribution (location 0). */
  gamma: z.strictObject({ shape: z.number(), scale: z.number() }),
})

export type Calibration = z.infer<typeof calibrationSchema>
