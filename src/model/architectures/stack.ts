import '../gradients.ts'
import type { tf, tfl } from '../tf.ts'
import { createLayer, initializer } from './create-layer.ts'
import type { Keep } from './layers/kept.ts'
import type { InitializerName } from './options.ts'
import type { RandomInput } from './random-input.ts'
import type { LayerSpec } from './spec.ts'

type Layer = tfl.layers.Layer

/** Layers one after the other, with seeded weights as tf.Variables. */
export interface Stack {
  readonly layers: readonly Layer[]
  /** Of one item. */
  readonly outputShape: readonly number[]
  readonly trainable: readonly tf.Variable[]
  readonly statistics: readonly tf.Variable[]
  /** All of them by layer and name. */
  readonly variables: Readonly<Record<string, tf.Variable>>
  readonly randoms: readonly RandomInput[]
  /** @param mask of recurrent layers, `[n, frames]`: 0 where a frame is left out */
  run(x: tf.Tensor, training: boolean, mask?: tf.Tensor): tf.Tensor
  dispose(): void
}

export interface StackOptions {
  /** First part of the layers' names, `encoder` say. */
  readonly name: string
  readonly initializer: InitializerName
  readonly seed: number
  /** Index of the first layer among those of the model: it goes into names, and tells the seeds of layers apart. Default 0. */
  readonly first?: number
  /** What layers before it have kept, by name. */
  readonly kept?: Map<string, Keep>
}

/** Builds layers on inputs of a shape (of one item). The shapes must fit: see shapeChain. */
export function buildStack(specs: readonly LayerSpec[], inputShape: readonly number[], options: StackOptions): Stack {
  const { name, seed, first = 0, kept = new Map<string, Keep>() } = options
  let shape: number[] = [1, ...inputShape]
  const layers = specs.map((spec, i) => {
    const index = first + i
    const kernel = initializer(options.initializer, seed, index)
    const layer = createLayer(spec, `${name}_${index}_${spec.kind}`, kernel, kept, seed * 1009 + index)
    layer.build(shape)
    layer.built = true
    shape = layer.computeOutputShape(shape) as number[]
    return layer
  })
  const values = (weights: Layer['weights']) => weights.map(variableOf)
  return {
    layers,
    outputShape: shape.slice(1),
    trainable: layers.flatMap(layer => values(layer.trainableWeights)),
    statistics: layers.flatMap(layer => values(layer.nonTrainableWeights)),
    variables: Object.fromEntries(
      layers.flatMap(({ name, weights }) => weights.map(each => [`${name}/${each.originalName}`, variableOf(each)])),
    ),
    randoms: layers.filter(layer => 'draw' in layer) as unknown as RandomInput[],
    run: (x, training, mask) => layers.reduce((value, layer) => layer.call(value, { training, mask }) as tf.Tensor, x),
    dispose: () => {
      for (const layer of layers) for (const variable of values(layer.weights)) variable.dispose()
    },
  }
}

/** Builds the stacks of a model one after the other, so that their layers have names and seeds of their own. */
export function stackBuilder({ initializer, seed }: Pick<StackOptions, 'initializer' | 'seed'>) {
  let first = 0
  return (name: string, specs: readonly LayerSpec[], inputShape: readonly number[]): Stack => {
    const stack = buildStack(specs, inputShape, { name, initializer, seed, first })
    first += specs.length
    return stack
  }
}

const variableOf = (weight: Layer['weights'][number]) => (weight as unknown as { val: tf.Variable }).val
