import { buildNetwork, type Network } from '../architectures/network.ts'
import type { AutoencoderSpec } from '../architectures/spec.ts'
import type { StackOptions } from '../architectures/stack.ts'
import type { Loss } from '../loss-names.ts'
import { elementLoss } from '../losses.ts'
import { tf } from '../tf.ts'
import type { Model, ModelContext } from './model.ts'

/** Learns to reconstruct normal items, or to predict a part of them; the error is the score. */
export function autoencoder(
  spec: AutoencoderSpec,
  initializer: StackOptions['initializer'],
  { featureShape, seed, loss }: ModelContext,
): Model {
  const network = buildNetwork(spec, featureShape, { initializer, seed })
  const { layers, latentSize, trainable, statistics, variables, randoms, dispose } = network
  return {
    featureShape,
    latentSize,
    layers,
    parts: { weights: trainable },
    statistics,
    variables,
    randoms,
    phases: [
      {
        name: 'reconstruction',
        updates: [{ part: 'weights', loss: ({ items }) => meanLoss(network, loss, items, true) }],
        validate: ({ items }) => meanLoss(network, loss, items, false),
        keep: 'best',
      },
    ],
    score: features => scoreReconstruction(network, loss, features),
    dispose,
  }
}

/** Mean loss over all that is predicted of a batch. */
export function meanLoss(network: Network, loss: Loss, items: tf.Tensor, training: boolean): tf.Scalar {
  const { reconstruction } = network.forward(items, training)
  return tf.mean(elementLoss(loss, network.predicted(reconstruction), network.predicted(items))) as tf.Scalar
}

function scoreReconstruction(network: Network, loss: Loss, features: tf.Tensor) {
  const { bottleneck, reconstruction } = network.forward(features, false)
  const compared = elementLoss(loss, network.predicted(reconstruction), network.predicted(features))
  return { score: meanOfRows(compared, network.predictedSize), latent: network.latent(bottleneck), reconstruction }
}

/**
 * Mean of each item's values, `[n, …]` to `[n]`. As rows: over several axes ONNX Runtime adds in another order for one item than for many,
 * and scores would depend on the batch.
 */
export const meanOfRows = (values: tf.Tensor, size: number): tf.Tensor => tf.mean(tf.reshape(values, [-1, size]), 1)
