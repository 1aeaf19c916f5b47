import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { activation, after, batchNorm, dropout, initializer, output, outputActivation, positive } from './options.ts'
import type { AutoencoderSpec, LayerSpec } from './spec.ts'

/** Interpolation network; the defaults are those of Suefusa et al. 2020. */
export const idnnSchema = z.strictObject({
  type: z.literal('idnn'),
  frames: z
    .number()
    .int()
    .min(3)
    .refine(n => n % 2 === 1, 'an odd number of frames has one in the middle')
    .default(5)
    .describe('frames of an item, of which the middle one is predicted: those of front_end.stack; odd'),
  hidden: z.array(positive).default([64, 32]).describe('units before the bottleneck; mirrored after it'),
  latent: positive.default(16).describe('units of the bottleneck'),
  batch_norm: batchNorm(false),
  activation,
  output_activation: outputActivation,
  dropout,
  initializer,
})

/**
 * Predicts the middle frame of a stack from the others (Suefusa et al. 2020): a frame that does not follow from its neighbours scores
 * high, and one that is merely loud or bright need not. Loss and score are those of the middle frame; the reconstruction is the stack
 * with the predicted frame in its middle.
 * @throws AUSCULT_SHAPE when the features do not consist of so many frames
 */
export function idnn(config: z.infer<typeof idnnSchema>, featureShape: readonly number[]): AutoencoderSpec {
  const { frames } = config
  const size = sizeOf(featureShape)
  const fits = featureShape.length === 1 ? size % frames === 0 : featureShape[0] === frames
  if (!fits || size === frames) {
    const message = `idnn predicts the middle one of ${frames} frames, and features of ${featureShape.join('×')} are not such`
    const remedy = `Set front_end.stack: ${frames}, or architecture.frames to the value of front_end.stack.`
    throw new AuscultError('AUSCULT_SHAPE', message, { at: 'architecture.frames', remedy })
  }
  const frame = (frames - 1) / 2
  const bins = size / frames
  const hidden = (units: number): LayerSpec[] => [{ kind: 'dense', units, bias: !config.batch_norm }, ...after(config)]
  return {
    encoder: [
      { kind: 'reshape', shape: [size] },
      { kind: 'keep', as: 'features' },
      { kind: 'leave-out', frame, frames },
      ...config.hidden.flatMap(hidden),
      { kind: 'dense', units: config.latent, bias: !config.batch_norm },
      ...after({ ...config, dropout: null }),
    ],
    decoder: [
      ...[...config.hidden].reverse().flatMap(hidden),
      { kind: 'dense', units: bins },
      ...output(config.output_activation),
      { kind: 'put-in', frame, frames, kept: 'features' },
      { kind: 'reshape', shape: featureShape },
    ],
    predicted: { begin: frame * bins, size: bins },
  }
}
