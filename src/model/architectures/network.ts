import '../gradients.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { tf, tfl } from '../tf.ts'
import type { NamedLayer } from '../trace/trace.ts'
import { type ArchitectureConfig, specify } from './config.ts'
import { BatchNorm } from './layers/batch-norm.ts'
import { Conv, ConvTranspose, type Initializer } from './layers/convolution.ts'
import { MaskedDropout } from './layers/dropout.ts'
import { Concat, Keep, LeaveOut, PutIn } from './layers/kept.ts'
import { Lstm } from './layers/lstm.ts'
import type { Activation, LayerSpec } from './spec.ts'

type Layer = tfl.layers.Layer

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
  readonly dropouts: readonly MaskedDropout[]
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

/** Builds a network on TensorFlow.js's CPU backend. @throws AUSCULT_SHAPE */
export function buildNetwork(config: ArchitectureConfig, featureShape: readonly number[], seed: number): Network {
  const spec = specify(config, featureShape)
  const kept = new Map<string, Keep>()
  tf.setBackend('cpu')
  let count = 0
  const build = (specs: readonly LayerSpec[], inputShape: readonly number[], half: string) => {
    let shape: number[] = [1, ...inputShape]
    const layers = specs.map(layerSpec => {
      const index = count++
      const layer = createLayer(
        layerSpec,
        `${half}_${index}_${layerSpec.kind}`,
        initializer(config.initializer, seed, index),
        kept,
        seed * 1009 + index,
      )
      layer.build(shape)
      layer.built = true
      shape = layer.computeOutputShape(shape) as number[]
      return layer
    })
    return { layers, shape }
  }
  const encoder = build(spec.encoder, featureShape, 'encoder')
  const decoder = build(spec.decoder, encoder.shape.slice(1), 'decoder')
  const layers = [...encoder.layers, ...decoder.layers]
  const variable = (weight: Layer['weights'][number]) => (weight as unknown as { val: tf.Variable }).val
  const variables = (list: Layer['weights']) => list.map(variable)
  const run = (half: readonly Layer[], x: tf.Tensor, training: boolean) =>
    half.reduce((value, layer) => layer.call(value, { training }) as tf.Tensor, x)
  return {
    featureShape,
    latentSize: encoder.shape.at(-1)!,
    layers: layers as unknown as NamedLayer[],
    trainable: layers.flatMap(layer => variables(layer.trainableWeights)),
    statistics: layers.flatMap(layer => variables(layer.nonTrainableWeights)),
    variables: Object.fromEntries(
      layers.flatMap(({ name, weights }) => weights.map(each => [`${name}/${each.originalName}`, variable(each)])),
    ),
    dropouts: layers.filter(layer => layer instanceof MaskedDropout),
    forward: (features, training) => {
      const bottleneck = run(encoder.layers, features, training)
      return { bottleneck, reconstruction: run(decoder.layers, bottleneck, training) }
    },
    predictedSize: spec.predicted?.size ?? sizeOf(featureShape),
    predicted: features => {
      if (!spec.predicted) return features
      const { begin, size } = spec.predicted
      return tf.slice(tf.reshape(features, [features.shape[0], sizeOf(featureShape)]), [0, begin], [-1, size])
    },
    latent: z =>
      z.rank > 2
        ? tf.mean(
            z,
            Array.from({ length: z.rank - 2 }, (_, i) => i + 1),
          )
        : z,
    dispose: () => {
      for (const layer of layers) for (const variable of variables(layer.weights)) variable.dispose()
    },
  }
}

function initializer(name: ArchitectureConfig['initializer'], seed: number, index: number): Initializer {
  const args = { seed: seed * 1009 + index }
  const { glorotUniform, heUniform, heNormal } = tfl.initializers
  return { glorot_uniform: glorotUniform, he_uniform: heUniform, he_normal: heNormal }[name](args)
}

function createLayer(
  spec: LayerSpec,
  name: string,
  kernelInitializer: Initializer,
  kept: Map<string, Keep>,
  seed: number,
): Layer {
  switch (spec.kind) {
    case 'dense':
      return tfl.layers.dense({ name, units: spec.units, useBias: spec.bias ?? true, kernelInitializer })
    case 'conv':
      return new Conv({ ...spec, name, kernelInitializer })
    case 'conv-transpose':
      return new ConvTranspose({ ...spec, name, kernelInitializer })
    case 'batch-norm':
      return new BatchNorm({ name })
    case 'activation':
      return activationLayer(spec.activation, name)
    case 'dropout':
      return new MaskedDropout({ name, rate: spec.rate })
    case 'reshape':
      return tfl.layers.reshape({ name, targetShape: [...spec.shape] })
    case 'lstm':
      return new Lstm({ ...spec, name, kernelInitializer, seed })
    case 'keep': {
      const layer = new Keep({ name })
      kept.set(spec.as, layer)
      return layer
    }
    case 'concat':
      return new Concat({ name, kept: kept.get(spec.kept)! })
    case 'leave-out':
      return new LeaveOut({ ...spec, name })
    case 'put-in':
      return new PutIn({ ...spec, name, kept: kept.get(spec.kept)! })
  }
}

function activationLayer(activation: Activation, name: string): Layer {
  if (activation === 'leaky_relu') return tfl.layers.leakyReLU({ name, alpha: 0.2 })
  return tfl.layers.activation({ name, activation })
}
