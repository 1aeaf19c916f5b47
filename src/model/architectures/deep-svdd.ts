import { z } from '../../config.ts'
import { convolutionsOf } from './convolutions.ts'
import { type HalvesDefaults, halvesOf } from './halves.ts'
import { initializer, outputActivation, positive } from './options.ts'
import { checkChain, type LayerSpec, shapeChain } from './spec.ts'

/** Those of the source (Ruff et al. 2018, CIFAR-10), which pools where these convolutions stride. */
const convolutions = convolutionsOf({ kernel: 5, padding: 2 })
const DEFAULTS: HalvesDefaults = {
  hidden: [128, 64],
  convolutions: convolutions.parse([{ filters: 32 }, { filters: 64 }, { filters: 128 }]),
  latent: { image: 128, vector: 32 },
}

/** Deep support vector data description (Ruff et al. 2018): a network that maps normal items close to a centre. */
export const deepSvddSchema = z.strictObject({
  type: z.literal('deep-svdd'),
  objective: z
    .enum(['one-class', 'soft-boundary'])
    .default('one-class')
    .describe(
      'one-class: the mean squared distance from the centre; soft-boundary: the squared radius of a sphere, and what lies outside of it',
    ),
  nu: z
    .number()
    .gt(0)
    .max(1)
    .default(0.1)
    .describe('soft-boundary: share of the training items that may lie outside of the sphere'),
  warm_up_epochs: z
    .number()
    .int()
    .min(0)
    .default(10)
    .describe(
      'soft-boundary: epochs with radius 0; before each later one it becomes the 1 − nu quantile of the distances',
    ),
  hidden: z
    .array(positive)
    .min(1)
    .nullable()
    .default(null)
    .describe('units of a dense network; null: 128, 64 where the features are no image'),
  convolutions: convolutions
    .nullable()
    .default(null)
    .describe('layers of a convolutional network; null: 32, 64, 128 filters for images'),
  latent: positive
    .nullable()
    .default(null)
    .describe('size of the output, whose distance from the centre is the score; null: 128 for images, else 32'),
  batch_norm: z
    .boolean()
    .default(true)
    .describe('batch normalisation after each hidden layer, without scale and shift: a shift would be a bias'),
  activation: z
    .enum(['leaky_relu', 'relu'], {
      error: 'is leaky_relu or relu: one that is bounded, or is not 0 at 0, can stand in for a bias',
    })
    .default('leaky_relu')
    .describe('activation of the hidden layers'),
  weight_decay: z.number().min(0).default(1e-6).describe('λ: half of it times the squares of all weights is added'),
  eps: z
    .number()
    .positive()
    .default(0.1)
    .describe('values of the centre that are nearer to 0 are set to this distance: zero weights would reach 0'),
  pretrain: z
    .strictObject({ epochs: positive.default(100).describe('passes over the training set at most') })
    .nullable()
    .default(null)
    .describe(
      'the network begins as the encoder of an autoencoder that is trained so long with training.loss; null: with random weights',
    ),
  output_activation: outputActivation,
  initializer,
})

export type DeepSvddConfig = z.infer<typeof deepSvddSchema>

export interface DeepSvddSpec {
  readonly latent: number
  /** Without a bias anywhere, or it could map everything onto the centre. */
  readonly encoder: readonly LayerSpec[]
  /** For pretraining; null without it. */
  readonly decoder: readonly LayerSpec[] | null
}

/** Leakiness of the source. */
const SLOPE = 0.1

/** @throws AUSCULT_SHAPE when the layers do not fit together, AUSCULT_CONFIG when it is to be dense and convolutional */
export function deepSvdd(config: DeepSvddConfig, featureShape: readonly number[]): DeepSvddSpec {
  const { latent, down, up } = halvesOf(config, featureShape, DEFAULTS)
  const after: LayerSpec[] = [{ kind: 'activation', activation: config.activation, slope: SLOPE }]
  // The first batches count for more than they usually do, since there are few of them; as in the source.
  if (config.batch_norm) after.unshift({ kind: 'batch-norm', affine: false, momentum: 0.9, epsilon: 1e-4 })
  const around = { bias: false, after }
  const encoder: LayerSpec[] = [...down(around), { kind: 'dense', units: latent, bias: false }]
  checkChain(encoder, { layer: 'features', shape: featureShape })
  if (!config.pretrain) return { latent, encoder, decoder: null }
  const decoder = [...after, ...up(around, config.output_activation)]
  shapeChain({ encoder, decoder }, featureShape)
  return { latent, encoder, decoder }
}
