import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { conv2dAe, conv2dAeSchema } from './conv2d-ae.ts'
import { activation, after, batchNorm, dropout, initializer, output, outputActivation, positive } from './options.ts'
import { type AutoencoderSpec, type LayerSpec, shapeChain } from './spec.ts'

/**
 * Variational autoencoder (Kingma and Welling 2014) with the prior N(0, 1); the hidden layer is as wide as theirs. `beta` as in β-VAE
 * (Higgins et al. 2017); scores after An and Cho 2015, without their draws.
 */
export const vaeSchema = z.strictObject({
  type: z.literal('vae'),
  hidden: z
    .array(positive)
    .min(1)
    .optional()
    .describe('units of a dense encoder; the decoder mirrors them. Without hidden and convolutions: [500]'),
  convolutions: conv2dAeSchema.shape.convolutions.describe(
    'layers of a convolutional encoder in place of hidden, as in conv2d-ae; the decoder mirrors them',
  ),
  latent: positive.default(20).describe('values of the latent, each with a mean and a variance'),
  beta: z
    .number()
    .nonnegative()
    .default(1)
    .describe('weight of the KL divergence between latents and their prior: less gives better reconstructions'),
  score: z
    .enum(['reconstruction', 'elbo', 'kl'])
    .default('reconstruction')
    .describe(
      'what of an item is its score: the reconstruction error; that and the weighted KL divergence, as trained; or the KL divergence alone',
    ),
  batch_norm: batchNorm(false),
  activation,
  output_activation: outputActivation,
  dropout,
  initializer,
})

export type VaeConfig = z.infer<typeof vaeSchema>

/** Encoder to the last hidden layer, which mean and variance are made of; decoder from the latent. */
export function vae(config: VaeConfig, featureShape: readonly number[]): AutoencoderSpec {
  const spec = config.convolutions ? convolutional(config, featureShape) : dense(config, featureShape)
  shapeChain({ ...spec, encoder: [...spec.encoder, { kind: 'dense', units: config.latent }] }, featureShape)
  return spec
}

function dense(config: VaeConfig, featureShape: readonly number[]): AutoencoderSpec {
  const widths = config.hidden ?? [500]
  const hidden = (units: number): LayerSpec[] => [{ kind: 'dense', units, bias: !config.batch_norm }, ...after(config)]
  const size = sizeOf(featureShape)
  return {
    encoder: [{ kind: 'reshape', shape: [size] }, ...widths.flatMap(hidden)],
    decoder: [
      ...widths.toReversed().flatMap(hidden),
      { kind: 'dense', units: size },
      ...output(config.output_activation),
      { kind: 'reshape', shape: featureShape },
    ],
  }
}

function convolutional(config: VaeConfig, featureShape: readonly number[]): AutoencoderSpec {
  if (config.hidden) {
    throw new AuscultError('AUSCULT_CONFIG', 'a vae is dense, with hidden, or convolutional, with convolutions', {
      at: 'architecture.hidden',
      remedy: 'Leave one of them out.',
    })
  }
  const { convolutions, latent, batch_norm, activation, output_activation, dropout, initializer } = config
  const options = { convolutions, latent, batch_norm, activation, output_activation, dropout, initializer }
  const { encoder, decoder } = conv2dAe({ type: 'conv2d-ae', preset: 'L', skip: false, ...options }, featureShape)
  // The last layer is the bottleneck of an autoencoder.
  return { encoder: encoder.slice(0, -1), decoder }
}
