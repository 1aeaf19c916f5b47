import type { Network } from './architectures/network.ts'
import type { Loss } from './loss-names.ts'
import { elementLoss } from './losses.ts'
import { tf } from './tf.ts'
import { trace } from './trace/trace.ts'

/**
 * The graph that a bundle carries: `features [n, …]` → `score [n]`, `latent [n, d]`, `reconstruction [n, …]`, with the network's
 * current weights as constants, named as in network.variables. A score is the mean loss over an item's features that are predicted.
 */
export function scoringGraph(network: Network, loss: Loss): Uint8Array {
  const { onnx } = trace({
    name: 'auscult_scoring',
    inputs: { features: { shape: [-1, ...network.featureShape] } },
    constants: network.variables,
    layers: network.layers,
    fn: ({ features }) => scoreFeatures(network, loss, features),
  })
  return onnx
}

/** What the graph is traced from: features `[n, …]` to `score [n]`, `latent [n, d]` and `reconstruction [n, …]`. */
export function scoreFeatures(network: Network, loss: Loss, features: tf.Tensor) {
  const { bottleneck, reconstruction } = network.forward(features, false)
  const compared = elementLoss(loss, network.predicted(reconstruction), network.predicted(features))
  // As rows: over several axes ONNX Runtime adds in another order for one item than for many, and scores would depend on the batch.
  const losses = tf.reshape(compared, [-1, network.predictedSize])
  return { score: tf.mean(losses, 1), latent: network.latent(bottleneck), reconstruction }
}
