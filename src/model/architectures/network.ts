import { sizeOf } from '../frontends/frontend.ts'
import { tf } from '../tf.ts'
import type { NamedLayer } from '../trace/trace.ts'
import type { Keep } from './layers/kept.ts'
import type { RandomInput } from './random-input.ts'
import type { AutoencoderSpec } from './spec.ts'
import { buildStack, type StackOptions } from './stack.ts'

/** A built autoencoder: seeded weights as tf.Variables, and its two halves as TensorFlow.js programs. */
export interface Network {
  readonly featureShape: readonly number[]
  readonly latentSize: number
  readonly layers: readonly NamedLayer[]
  /** Weights that the optimiser changes, in layer order. */
  readonly trainable: readonly tf.Variable[]
  /** Weights that training updates by itself: BatchNorm's moving statistics. */
  readonly statistics: readonly tf.Variable[]
  /** All of them by layer and name, for example `encoder_1_dense/kernel`. */
  readonly variables: Readonly<Record<string, tf.Variable>>
  /** Dropout masks. */
  readonly randoms: readonly RandomInput[]
  /** Features `[n, …featureShape]` to the bottleneck's values and a reconstruction `[n, …featureShape]`. */
  forward(features: tf.Tensor, training: boolean): { bottleneck: tf.Tensor; reconstruction: tf.Tensor }
  /** How many values of an item's features are predicted, from all others or from all. */
  readonly predictedSize: number
  /** The values of features or of a reconstruction that the loss compares: all of them, or those that are predicted, `[n, …]`. */
  predicted(features: tf.Tensor): tf.Tensor
  /** The bottleneck as one vector per item, `[n, latentSize]`: the mean over positions where it is a feature map. */
  latent(bottleneck: tf.Tensor): tf.Tensor
  dispose(): void
}

/** Builds an autoencoder on TensorFlow.js's CPU backend. */
export function buildNetwork(
  spec: AutoencoderSpec,
  featureShape: readonly number[],
  { initializer, seed }: Pick<StackOptions, 'initializer' | 'seed'>,
): Network {
  tf.setBackend('cpu')
  const kept = new Map<string, Keep>()
  const encoder = buildStack(spec.encoder, featureShape, { name: 'encoder', initializer, seed, kept })
  const first = spec.encoder.length
  const decoder = buildStack(spec.decoder, encoder.outputShape, { name: 'decoder', initializer, seed, kept, first })
  return {
    featureShape,
    latentSize: encoder.outputShape.at(-1)!,
    layers: [...encoder.layers, ...decoder.layers] as unknown as NamedLayer[],
    trainable: [...encoder.trainable, ...decoder.trainable],
    statistics: [...encoder.statistics, ...decoder.statistics],
    variables: { ...encoder.variables, ...decoder.variables },
    randoms: [...encoder.randoms, ...decoder.randoms],
    forward: (features, training) => {
      const bottleneck = encoder.run(features, training)
      return { bottleneck, reconstruction: decoder.run(bottleneck, training) }
    },
    predictedSize: spec.predicted?.size ?? sizeOf(featureShape),
    predicted: features => {
      if (!spec.predicted) return features
      const { begin, size } = spec.predicted
      return tf.slice(tf.reshape(features, [features.shape[0], sizeOf(featureShape)]), [0, begin], [-1, size])
    },
    latent: meanOverPositions,
    dispose: () => {
      encoder.dispose()
      decoder.dispose()
    },
  }
}

/** `[n, …, d]` to `[n, d]`. */
export const meanOverPositions = (z: tf.Tensor): tf.Tensor =>
  z.rank > 2
    ? tf.mean(
        z,
        Array.from({ length: z.rank - 2 }, (_, i) => i + 1),
      )
    : z
