import { z } from '../config.ts'
import { inputFormatSchema } from '../ingest/format.ts'
import { architectureSchema } from '../model/architectures/config.ts'
import { clustersSchema } from '../model/clusters/config.ts'
import { detectorSchema } from '../model/detectors/config.ts'
import { DEVICES, ENGINES, type EngineOptions } from '../model/engine.ts'
import { frontEndSchema } from '../model/frontends/config.ts'
import { LOSSES } from '../model/loss-names.ts'
import { mapFitSchema } from '../model/map/config.ts'
import { classesSchema } from './classes-config.ts'
import { optimizerSchema } from './optimizer-config.ts'
import { sweepSchema } from './sweep/config.ts'

const count = z.number().int().positive()
const share = z.number().min(0).max(0.5)

const inputSchema = z.strictObject({
  paths: z
    .array(z.string().min(1))
    .min(1)
    .describe('Folders, files or globs of recordings of normal operation')
    .meta({ example: ['recordings'] }),
  format: inputFormatSchema.prefault({}).describe('How the files are read'),
  labels: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'CSV of "file,label" lines (1 normal, -1 anomalous), shown in the report; training uses none of it but classes and machines where `classes` says so',
    ),
  expected_seconds: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Length that every sound file should have; null: any that holds a window'),
  other_length: z
    .enum(['drop', 'pad', 'refuse'])
    .default('drop')
    .describe(
      'Files of another length or shape: leave out and list, pad sounds with zeros (or cut), or end with an error',
    ),
  memory_mb: count.default(1024).describe('Memory for features; a larger data set is read again in every epoch'),
})

const fragmentsSchema = z.strictObject({
  position: z
    .enum(['fixed', 'random'])
    .default('fixed')
    .describe('Windows at 0, hop, 2 hop, … of a file, or at seeded random places'),
  per_file: count.nullable().default(null).describe('Windows per file at most; null: as many as fit'),
  hop_seconds: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Seconds from window to window for position fixed; null: the length of a window'),
})

export const reduceOnPlateauSchema = z.strictObject({
  factor: z.number().gt(0).lt(1).default(0.5).describe('What the learning rate is multiplied by'),
  patience: z.number().int().min(0).default(10).describe('Epochs without improvement before that; 0: never'),
  min_delta: z.number().min(0).lt(1).default(0.0001).describe('Smallest fall that counts, as a share of the best loss'),
  min_lr: z.number().min(0).default(0.00001).describe('The learning rate never falls below'),
})

export const earlyStoppingSchema = z.strictObject({
  patience: z
    .number()
    .int()
    .min(0)
    .default(25)
    .describe('Epochs without improvement after which training ends; 0: never'),
  min_delta: z.number().min(0).lt(1).default(0).describe('Smallest fall that counts, as a share of the best loss'),
})

const trainingSchema = z.strictObject({
  loss: z
    .enum(LOSSES)
    .default('mse')
    .describe('Reconstruction error that is minimised, and the score; bce needs features from 0 to 1'),
  optimizer: optimizerSchema.prefault({ type: 'adam' }).describe('How weights follow gradients'),
  learning_rate: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Size of the first steps; null: as in the source of the architecture, 0.001 for autoencoders'),
  batch_size: count
    .nullable()
    .default(null)
    .describe(
      'Items per step; a remainder smaller than this is left to the next shuffle; null: as in the source of the architecture, 128 for autoencoders',
    ),
  epochs: count.default(100).describe('Passes over the training set at most'),
  reduce_on_plateau: reduceOnPlateauSchema.prefault({}).describe('Lowers the learning rate when the loss stands still'),
  early_stopping: earlyStoppingSchema.prefault({}).describe('Ends training when the loss stands still'),
})

/** Options of `auscult train`. Paths are relative to the working folder. */
export const trainConfigSchema = z.strictObject({
  name: z.string().min(1).default('model').describe('Name of the model, shown wherever its scores are'),
  output: z
    .string()
    .min(1)
    .default('models/model')
    .describe('Folder of the bundle that is written; one that exists is replaced, but never by an interrupted run'),
  input: inputSchema.describe('What is learned from'),
  front_end: frontEndSchema.prefault({ type: 'log-mel', stack: 5 }).describe('Turns a window into the model input'),
  fragments: fragmentsSchema.prefault({}).describe('Which windows are taken from a file'),
  classes: classesSchema.optional().describe('Which class a recording is of, for networks that tell classes apart'),
  architecture: architectureSchema.prefault({ type: 'dense-ae' }).describe('The network'),
  split: z
    .strictObject({
      validation: share
        .default(0.1)
        .describe('Share of the files that chooses the best epoch; 0: the training loss does'),
      calibration: share.gt(0).default(0.2).describe('Share of the files that thresholds are computed from'),
      seed: z.number().int().min(0).default(0).describe('Another seed, another split'),
    })
    .prefault({})
    .describe('Whole files are held out of training'),
  training: trainingSchema.prefault({}).describe('How the network learns'),
  score: z
    .union([z.enum(['error', 'residual']), detectorSchema], {
      error: 'is error, residual, or a mapping with the type of a detector',
    })
    .default('error')
    .describe(
      'Score of a window: the mean error of its items; or its residual averaged over the items, in units of its spread over training windows, squared. The latter sees faults that last as long as the window better, and passers-by worse; or what a detector says that is fitted after training',
    ),
  clusters: clustersSchema,
  map: mapFitSchema.prefault({}).describe('Where latents lie on a plane, for people to look at'),
  engine: z
    .strictObject({
      type: z.enum(ENGINES).default('onnx').describe('What computes: ONNX Runtime, or TensorFlow.js'),
      device: z.enum(DEVICES).default('cpu').describe('Where it is computed; auto takes the best that works'),
      threads: z.number().int().min(0).default(0).describe('Threads of the CPU; 0: all cores'),
    })
    .prefault({})
    .describe('What computes'),
  bootstrap: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe(
      'Retrainings on resampled fragments, each with a seed of its own, for the deviation of the loss in the report; 0: none',
    ),
  seed: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Of the first weights, shuffling, random fragments, clusters and the map'),
  sweep: sweepSchema.optional().describe('Trains one model for each combination of values'),
})

export type TrainConfig = z.infer<typeof trainConfigSchema>

/** What a training run computes with, training and scoring alike. */
export function engineOf({ type, device, threads }: TrainConfig['engine']): EngineOptions {
  return { engine: type, device, threads }
}
