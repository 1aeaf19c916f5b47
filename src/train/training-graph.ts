import type { Network } from '../model/architectures/network.ts'
import type { Loss } from '../model/loss-names.ts'
import { elementLoss } from '../model/losses.ts'
import { tf } from '../model/tf.ts'
import { NEXT, pack, type TracedGraph, trace } from '../model/trace/trace.ts'
import type { Optimizer } from './optimizers.ts'

/** Inputs of the training graph besides the state. */
export const ITEMS = 'items'
export const RATE = 'rate'
export const STEP = 'step'
export const maskName = (index: number): string => `mask${index}`

/**
 * One optimiser step on a batch of `n` items as a TensorFlow.js program: forward, backward, optimiser, BatchNorm statistics.
 * It is what the training graph is traced from, and what the tests run on TensorFlow.js's CPU backend.
 * @param inputs items `[n, …]`, rate and step (scalars), a mask `[n, …]` for each dropout layer, and the optimiser's slots
 * @returns the mean loss before the step, the new weights and the new slots, vectors over all trainable weights
 */
export function trainingStep(network: Network, loss: Loss, optimizer: Optimizer, inputs: Record<string, tf.Tensor>) {
  const items = inputs[ITEMS]
  network.dropouts.forEach((layer, i) => {
    layer.mask = inputs[maskName(i)]
  })
  const objective = () => meanLoss(network, loss, items, true)
  const trainable = [...network.trainable]
  const { value, grads } = tf.variableGrads(objective, trainable)
  const gradient = pack(trainable.map(variable => grads[variable.name]))
  const { weights, slots } = optimizer.update(pack(trainable), gradient, inputs[RATE], inputs[STEP], inputs)
  return { loss: value, weights, slots }
}

/** Mean loss over all that is predicted of a batch. */
export function meanLoss(network: Network, loss: Loss, items: tf.Tensor, training: boolean): tf.Scalar {
  const { reconstruction } = network.forward(items, training)
  return tf.mean(elementLoss(loss, network.predicted(reconstruction), network.predicted(items))) as tf.Scalar
}

/** The training step as a graph: `(items, rate, step, masks, weights, statistics, slots) → (loss, weights:next, …)`. */
export function trainingGraph(network: Network, loss: Loss, optimizer: Optimizer, n: number): TracedGraph {
  const size = network.trainable.reduce((sum, variable) => sum + variable.size, 0)
  const masks = network.dropouts.map((layer, i) => [maskName(i), { shape: [n, ...layer.maskShape] }])
  const slots = optimizer.slots.map(name => [name, { shape: [size] }])
  return trace({
    name: 'auscult_training',
    inputs: {
      [ITEMS]: { shape: [n, ...network.featureShape] },
      [RATE]: { shape: [] },
      [STEP]: { shape: [] },
      ...Object.fromEntries([...masks, ...slots]),
    },
    variables: {
      weights: network.trainable,
      ...(network.statistics.length ? { statistics: network.statistics } : {}),
    },
    layers: network.layers,
    fn: inputs => {
      const result = trainingStep(network, loss, optimizer, inputs)
      const next = Object.entries(result.slots).map(([name, tensor]) => [name + NEXT, tensor])
      return { loss: result.loss, [`weights${NEXT}`]: result.weights, ...Object.fromEntries(next) }
    },
  })
}

/** The mean loss of a batch in inference mode: `(items, weights, statistics) → (loss)`. */
export function evaluationGraph(network: Network, loss: Loss, n: number): TracedGraph {
  return trace({
    name: 'auscult_evaluation',
    inputs: { [ITEMS]: { shape: [n, ...network.featureShape] } },
    variables: {
      weights: network.trainable,
      ...(network.statistics.length ? { statistics: network.statistics } : {}),
    },
    layers: network.layers,
    fn: ({ items }) => ({ loss: meanLoss(network, loss, items, false) }),
  })
}
