import { z } from '../../config.ts'
import { convolutionsOf } from './convolutions.ts'
import { type HalvesDefaults, halvesOf } from './halves.ts'
import { initializer, outputActivation, positive } from './options.ts'
import { checkChain, type LayerSpec } from './spec.ts'

const convolutions = convolutionsOf({ kernel: 4, padding: 1 })
const DEFAULTS: HalvesDefaults = {
  hidden: [128, 128],
  convolutions: convolutions.parse([{ filters: 64 }, { filters: 128 }, { filters: 256 }]),
  latent: { image: 128, vector: 32 },
}

const epochs = (what: string) =>
  positive.nullable().default(null).describe(`passes over the training set with which ${what}; null: training.epochs`)

/** Fast AnoGAN (Schlegl et al. 2019): a Wasserstein GAN of normal items, then an encoder into its latents. */
export const fAnoganSchema = z.strictObject({
  type: z.literal('f-anogan'),
  hidden: z
    .array(positive)
    .min(1)
    .nullable()
    .default(null)
    .describe('units of dense networks, the generator mirrors them; null: 128, 128 where the features are no image'),
  convolutions: convolutions
    .nullable()
    .default(null)
    .describe('layers of convolutional networks, the generator mirrors them; null: 64, 128, 256 filters for images'),
  latent: positive
    .nullable()
    .default(null)
    .describe('standard normal numbers that an item is generated from; null: 128 for images, else 32'),
  critic_steps: positive.default(5).describe('steps of the critic for each of the generator'),
  gradient_penalty: z
    .number()
    .min(0)
    .default(10)
    .describe('weight of the squared difference of the critic’s slope from 1 (Gulrajani et al. 2017)'),
  kappa: z
    .number()
    .min(0)
    .default(1)
    .describe(
      'weight of the residual of the critic’s features beside that of the item, in the encoder’s loss and in the score',
    ),
  gan_epochs: epochs('generator and critic are trained, the last weights are kept'),
  encoder_epochs: epochs('the encoder is trained after them'),
  batch_norm: z
    .boolean()
    .default(true)
    .describe(
      'batch normalisation in generator and encoder; the critic has none, since the penalty is of each item by itself',
    ),
  output_activation: outputActivation,
  initializer,
})

export type FAnoganConfig = z.infer<typeof fAnoganSchema>

export interface FAnoganSpec {
  readonly latent: number
  /** From a latent to features. */
  readonly generator: readonly LayerSpec[]
  /** From features to the critic's last hidden layer, a vector; one linear unit follows. */
  readonly critic: readonly LayerSpec[]
  /** From features to a latent. */
  readonly encoder: readonly LayerSpec[]
}

/** @throws AUSCULT_SHAPE when the layers do not fit together, AUSCULT_CONFIG when it is to be dense and convolutional */
export function fAnogan(config: FAnoganConfig, featureShape: readonly number[]): FAnoganSpec {
  const { latent, down, up } = halvesOf(config, featureShape, DEFAULTS)
  // Few steps are in an epoch, so the averages that score later must follow faster than they usually do.
  const normalized: LayerSpec[] = config.batch_norm ? [{ kind: 'batch-norm', momentum: 0.9 }] : []
  const bias = !config.batch_norm
  const leaky: LayerSpec = { kind: 'activation', activation: 'leaky_relu', slope: 0.2 }
  const critic = down({ bias: true, after: [leaky] })
  const encoder: LayerSpec[] = [...down({ bias, after: [...normalized, leaky] }), { kind: 'dense', units: latent }]
  const relu: LayerSpec = { kind: 'activation', activation: 'relu' }
  const features = { layer: 'features', shape: featureShape }
  checkChain(critic, features)
  checkChain(encoder, features)
  const generator = up({ bias, after: [...normalized, relu] }, config.output_activation)
  checkChain(generator, { layer: 'latent', shape: [latent] }, featureShape)
  return { latent, generator, critic, encoder }
}
