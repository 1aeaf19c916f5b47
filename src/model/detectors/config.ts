import { z } from '../../config.ts'
import { isPattern } from '../../pattern.ts'

const count = z.number().int().positive()

const common = {
  on: z
    .enum(['latent', 'features', 'residual'])
    .default('latent')
    .describe(
      'What of a window is looked at: its latent, averaged over its items; its features, see summary; or original less reconstruction, averaged over its items',
    ),
  summary: z
    .enum(['mean', 'median', 'mean-deviation', 'values'])
    .nullable()
    .default(null)
    .describe(
      'Of features: the mean or median of each band over the window, mean and standard deviation, or every value of an item; null: mean-deviation where the front end has bands, otherwise values',
    ),
  standardize: z
    .boolean()
    .nullable()
    .default(null)
    .describe(
      'Bring every value to mean 0 and standard deviation 1 over training windows first; null: unless it is on features, which the front end normalises, and of one machine',
    ),
  windows: count.min(2).max(20000).default(2000).describe('Training windows that it is fitted to, at most'),
}

const shrinkage = z
  .union([z.number().min(0).max(1), z.literal('ledoit-wolf')])
  .default('ledoit-wolf')
  .describe(
    'How far the covariance is drawn to a multiple of the unit matrix: from 0 to 1, or the best (Ledoit and Wolf, 2004)',
  )

const bandwidth = z
  .union([z.number().positive(), z.enum(['scott', 'silverman'])])
  .default('scott')
  .describe('Standard deviation of the Gaussian around each training window, or a rule for it')

const pca = {
  components: count.default(10).describe('Principal components that are kept, at most'),
  whiten: z.boolean().default(true).describe('Bring every component to variance 1'),
}

const schemas = [
  z.strictObject({
    type: z.literal('knn').describe('Distance to the nearest training windows'),
    ...common,
    k: count.default(1).describe('How many'),
    aggregate: z.enum(['mean', 'largest']).default('mean').describe('What is made of the k distances'),
    metric: z.enum(['euclidean', 'cosine']).default('euclidean').describe('How distance is measured'),
  }),
  z.strictObject({
    type: z.literal('mahalanobis').describe('Squared Mahalanobis distance to the mean of training windows, per value'),
    ...common,
    shrinkage,
    machines: z
      .string()
      .min(1)
      .refine(isPattern, { error: 'is no regular expression' })
      .nullable()
      .default(null)
      .describe(
        'Regular expression that finds in the path of a file which machine was recorded (its first group, or all it matches): each machine has a mean of its own, all have one covariance, and the nearest mean counts; null: one mean',
      )
      .meta({ example: 'id_\\d+' }),
  }),
  z.strictObject({
    type: z.literal('selective-mahalanobis').describe('The least Mahalanobis distance to the domains of training'),
    ...common,
    domains: z
      .array(z.string().min(1))
      .min(2)
      .describe('Text in file names that tells domains apart, one for each')
      .meta({ example: ['source', 'target'] }),
    shrinkage,
  }),
  z.strictObject({
    type: z.literal('gmm').describe('How unlikely a window is by a mixture of Gaussians'),
    ...common,
    components: count.max(256).default(2).describe('Gaussians'),
    covariance: z
      .enum(['full', 'diagonal'])
      .default('diagonal')
      .describe('Full follows correlations, and needs many more windows than values'),
    regularization: z.number().positive().default(1e-6).describe('Added to each variance'),
  }),
  z.strictObject({
    type: z.literal('kde').describe('How unlikely a window is by a kernel density estimate'),
    ...common,
    bandwidth,
  }),
  z.strictObject({
    type: z.literal('pca-kde').describe('The same on principal components'),
    ...common,
    ...pca,
    bandwidth,
  }),
  z.strictObject({
    type: z.literal('pca-dbscan').describe('Distance to the nearest core point of DBSCAN on principal components'),
    ...common,
    ...pca,
    eps: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe('Radius of a neighbourhood; null: 9 of 10 training windows are core points'),
    min_samples: count.default(5).describe('Windows in a neighbourhood, its own included, that make a core point'),
  }),
] as const

/** A detector that is fitted to what the network makes of training windows. */
export const detectorSchema = z.discriminatedUnion('type', schemas)

export type DetectorConfig = z.infer<typeof detectorSchema>
export type DetectorOf<T extends DetectorConfig['type']> = Extract<DetectorConfig, { type: T }>
