import { z } from '../../config.ts'
import { detectorSchema } from './config.ts'

/** Rows of float32 in JSON. */
const tableSchema = z.strictObject({
  dimensions: z.number().int().positive(),
  /** Base64 of little-endian float32, `[rows × dimensions]`. */
  values: z.string(),
})

/** What is done to a vector before a detector sees it: y = matrix · (x − offset) ⊙ scale. */
const preprocessingSchema = z.strictObject({
  dimensions: z.number().int().positive(),
  /** Base64 of little-endian float64, `[dimensions]` each. */
  offset: z.string(),
  scale: z.string(),
  /** Principal components, each over its deviation where they are whitened: `[components × dimensions]`; null: all values stay. */
  components: z.strictObject({ count: z.number().int().positive(), matrix: z.string() }).nullable(),
})

const knnSchema = z.strictObject({
  type: z.literal('knn'),
  k: z.number().int().positive(),
  aggregate: z.enum(['mean', 'largest']),
  metric: z.enum(['euclidean', 'cosine']),
  rows: tableSchema,
})

const mahalanobisSchema = z.strictObject({
  type: z.literal('mahalanobis'),
  dimensions: z.number().int().positive(),
  /** Base64 of little-endian float64: `[d]`, and the lower triangle of the covariance, row by row; null: that of the group before. */
  groups: z.array(z.strictObject({ name: z.string(), mean: z.string(), covariance: z.string().nullable() })).min(1),
})

const gmmSchema = z.strictObject({
  type: z.literal('gmm'),
  dimensions: z.number().int().positive(),
  components: z.number().int().positive(),
  covariance: z.enum(['full', 'diagonal']),
  /** Base64 of little-endian float64: `[k]`, `[k × d]`, and of each component the variances, or the lower triangle row by row. */
  weights: z.string(),
  means: z.string(),
  covariances: z.string(),
})

const kdeSchema = z.strictObject({
  type: z.literal('kde'),
  bandwidth: z.number().positive(),
  rows: tableSchema,
})

const dbscanSchema = z.strictObject({
  type: z.literal('dbscan'),
  eps: z.number().positive(),
  /** Rows with enough others around them. */
  cores: tableSchema,
})

/** Version of the layout. A reader refuses any other. */
export const DETECTOR_FORMAT = 1

/** `detector.json` of a bundle: what scores windows in the place of the reconstruction error. */
export const detectorFileSchema = z.strictObject({
  format: z.literal(DETECTOR_FORMAT),
  config: detectorSchema,
  vector: z.strictObject({
    on: z.enum(['latent', 'features', 'residual']),
    summary: z.enum(['mean', 'median', 'mean-deviation', 'values']),
    bands: z.number().int().positive(),
  }),
  preprocessing: preprocessingSchema,
  /** Training windows that it was fitted to; absent in bundles of older versions. */
  windows: z.number().int().positive().optional(),
  model: z.discriminatedUnion('type', [knnSchema, mahalanobisSchema, gmmSchema, kdeSchema, dbscanSchema]),
})

export type DetectorFile = z.infer<typeof detectorFileSchema>
export type DetectorModel = DetectorFile['model']
export type ModelOf<T extends DetectorModel['type']> = Extract<DetectorModel, { type: T }>
export type Preprocessing = DetectorFile['preprocessing']
export type Table = z.infer<typeof tableSchema>
