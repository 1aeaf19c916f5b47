import { z } from '../../config.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { activation, after, batchNorm, dropout, initializer, output, outputActivation, positive } from './options.ts'
import type { AutoencoderSpec, LayerSpec } from './spec.ts'

/** Fully connected autoencoder; the defaults are the baseline of DCASE Task 2 (Koizumi et al. 2020). */
export const denseAeSchema = z.strictObject({
  type: z.literal('dense-ae'),
  hidden: z
    .array(positive)
    .min(1)
    .default([128, 128, 128, 128])
    .describe('units of the encoder; the decoder mirrors them'),
  latent: positive.default(8).describe('units of the bottleneck'),
  batch_norm: batchNorm(true),
  activation,
  output_activation: outputActivation,
  dropout,
  initializer,
})

export function denseAe(config: z.infer<typeof denseAeSchema>, featureShape: readonly number[]): AutoencoderSpec {
  // Batch normalisation subtracts whatever a bias would add.
  const hidden = (units: number): LayerSpec[] => [{ kind: 'dense', units, bias: !config.batch_norm }, ...after(config)]
  const size = sizeOf(featureShape)
  return {
    encoder: [
      { kind: 'reshape', shape: [size] },
      ...config.hidden.flatMap(hidden),
      { kind: 'dense', units: config.latent, bias: !config.batch_norm },
      ...after({ ...config, dropout: null }),
    ],
    decoder: [
      ...[...config.hidden].reverse().flatMap(hidden),
      { kind: 'dense', units: size },
      ...output(config.output_activation),
      { kind: 'reshape', shape: featureShape },
    ],
  }
}
