import { existsSync, readFileSync } from 'node:fs'
import { checkConfig, loadConfig, z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { detectorSchema } from '../detectors/config.ts'
import { frontEndSchema } from '../frontends/config.ts'
import { LOSSES } from '../loss-names.ts'

const numbers = z
  .union([z.number(), z.array(z.number()).min(1)])
  .transform(value => (typeof value === 'number' ? [value] : value))

/** Features are normalised by the numbers of `normalization`; there is nothing to fit. */
const frontEnd = z
  .preprocess(
    raw => (raw !== null && typeof raw === 'object' && !Array.isArray(raw) ? { normalization: 'none', ...raw } : raw),
    frontEndSchema,
  )
  .refine(({ normalization }) => normalization === 'none', {
    message: 'the model was trained with numbers of its own: give them as normalization: {offset, scale}',
    path: ['normalization'],
  })

/** The YAML beside somebody else's model: what its features are and which of its values mean what. */
export const foreignManifestSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Shown wherever its scores are; null: the name of the file'),
  front_end: frontEnd.describe(
    'Turns a window into features, as in the training configuration; its window and sample rate are those of the feeds',
  ),
  normalization: z
    .strictObject({
      offset: numbers.prefault(0).describe('One number, or one for each entry of the last feature axis (mel bands)'),
      scale: numbers.prefault(1).describe('The same; 1 / standard deviation where features were standardised'),
    })
    .prefault({})
    .describe('What the model was trained with: x′ = (x − offset) × scale'),
  recordings: z
    .record(z.string(), z.unknown())
    .prefault({})
    .describe('How files are read, as input.format of the training configuration'),
  input: z
    .strictObject({
      name: z.string().min(1).nullable().default(null).describe('Input that takes the features; null: the only one'),
      layout: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe(
          'Axes of the input in the order that the model wants, for example "batch channels bins frames" or "batch (frames bins)"; null: by its shape, where that leaves no doubt',
        ),
    })
    .prefault({}),
  outputs: z
    .strictObject({
      reconstruction: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe('Value that reconstructs the input; needed where there is no score'),
      score: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe('Value with one anomaly score for each item; null: the loss between input and reconstruction'),
      latent: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe('Bottleneck; null: where the reconstruction errs takes its place'),
    })
    .prefault({})
    .describe('Any values of the graph, by name'),
  loss: z.enum(LOSSES).default('mse').describe('What the score is where the model gives none'),
  score: z
    .union([z.literal('error'), detectorSchema], { error: 'is error, or a mapping with the type of a detector' })
    .default('error')
    .describe(
      'Score of a window: outputs.score or the loss; or what a detector says, with the options of training, that is fitted to half of the recordings',
    ),
})

export type ForeignManifest = z.infer<typeof foreignManifestSchema>

const REMEDY = '`auscult model FILE --manifest` prints a draft; docs/other-models.md explains each entry.'

/** @throws AUSCULT_INPUT_MISSING, AUSCULT_CONFIG */
export function readForeignManifest(file: string): ForeignManifest {
  if (!existsSync(file)) {
    throw new AuscultError('AUSCULT_INPUT_MISSING', 'nothing says what the features of the model are', {
      at: file,
      remedy: 'Write it: `auscult model FILE --manifest > FILE.yaml` makes a draft. Or name another with --manifest.',
    })
  }
  const manifest = loadConfig(file, foreignManifestSchema, {}, '`auscult model FILE --manifest`')
  return checkOutputs(manifest, file)
}

/** @throws AUSCULT_CONFIG */
export const checkForeignManifest = (raw: unknown, at: string): ForeignManifest =>
  checkOutputs(checkConfig(raw, foreignManifestSchema, at, REMEDY), at)

function checkOutputs(manifest: ForeignManifest, at: string): ForeignManifest {
  const { score, reconstruction } = manifest.outputs
  if (manifest.score !== 'error' && manifest.score.on === 'residual' && reconstruction === null) {
    throw new AuscultError('AUSCULT_CONFIG', 'score.on: there is no residual without outputs.reconstruction', {
      at,
      remedy: 'Name the reconstruction, or set on: latent or features.',
    })
  }
  if (score !== null || reconstruction !== null) return manifest
  throw new AuscultError('AUSCULT_CONFIG', 'outputs: name the reconstruction, or the score, or both', {
    at,
    remedy: REMEDY,
  })
}

/** Bytes of a manifest, to see that it has not changed since. */
export const manifestBytes = (file: string): Uint8Array => readFileSync(file)
