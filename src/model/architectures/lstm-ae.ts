import { z } from '../../config.ts'
import { dropout, initializer, output, outputActivation, positive } from './options.ts'
import { sequenceOf } from './sequence.ts'
import type { AutoencoderSpec, LayerSpec } from './spec.ts'

/** Recurrent autoencoder: the fixed-length representation of Srivastava et al. 2015, with an unconditioned decoder. */
export const lstmAeSchema = z.strictObject({
  type: z.literal('lstm-ae'),
  hidden: z
    .array(positive)
    .default([])
    .describe('units of LSTM layers before the last of the encoder; the decoder mirrors them'),
  latent: positive.default(64).describe('units of the last LSTM of the encoder, whose last state is the bottleneck'),
  reverse: z
    .boolean()
    .default(true)
    .describe('the decoder begins with the last frame, which is freshest in the state (Sutskever et al. 2014)'),
  output_activation: outputActivation,
  dropout,
  initializer,
})

/**
 * LSTM autoencoder on sequences of frames (Srivastava et al. 2015; for anomalies Malhotra et al. 2016, who feed the decoder its own
 * output, and detect with as few units as 30 to 145). The encoder's last state is what the decoder's LSTM gets in every frame; a dense
 * layer for all frames gives the bins.
 * @throws AUSCULT_SHAPE when the features are no sequence of frames, or too long a one
 */
export function lstmAe(config: z.infer<typeof lstmAeSchema>, featureShape: readonly number[]): AutoencoderSpec {
  const { frames, bins } = sequenceOf('lstm-ae', featureShape)
  const drop: LayerSpec[] = config.dropout ? [{ kind: 'dropout', rate: config.dropout }] : []
  const sequence = (units: number): LayerSpec[] => [{ kind: 'lstm', units, returns: 'sequence' }, ...drop]
  return {
    encoder: [
      { kind: 'reshape', shape: [frames, bins] },
      ...config.hidden.flatMap(sequence),
      { kind: 'lstm', units: config.latent, returns: 'last' },
    ],
    decoder: [
      { kind: 'lstm', units: config.latent, repeat: frames, returns: 'sequence', backwards: config.reverse },
      ...drop,
      ...[...config.hidden].reverse().flatMap(sequence),
      { kind: 'dense', units: bins },
      ...output(config.output_activation),
      { kind: 'reshape', shape: featureShape },
    ],
  }
}
