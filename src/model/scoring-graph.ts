import type { Network } from './architectures/network.ts'
import { elementLoss, type Loss } from './losses.ts'
import { tf } from './tf.ts'
import { trace } from './trace/trace.ts'

/**
 * The graph that a bundle carries: `features [n, …]` → `score [n]`, `latent [n, d]`, `reconstruction [n, …]`, with the network's
 * current weights as constants. A score is the mean loss over an item's features.
 */
export function scoringGraph(network: Network, loss: Loss): Uint8Array {
  const { onnx } = trace({
    name: 'auscult_scoring',
    inputs: { features: { shape: [-1, ...network.featureShape] } },
    layers: network.layers,
    fn: ({ features }) => {
      const bottleneck = network.encode(features, false)
      const reconstruction = network.decode(bottleneck, false)
      const axes = network.featureShape.map((_, i) => i + 1)
      const score = tf.mean(elementLoss(loss, reconstruction, features), axes)
      return { score, latent: network.latent(bottleneck), reconstruction }
    },
  })
  return onnx
}
