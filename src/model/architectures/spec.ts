import { AuscultError } from '../../errors.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { convolvedLength, transposedLength } from './lengths.ts'

type Pair = readonly [number, number]

/** One layer of an architecture, before it is built: enough to know its output shape. Shapes are of one item, channels last. */
export type LayerSpec =
  | { kind: 'dense'; units: number; bias?: boolean }
  | { kind: 'conv'; filters: number; kernel: Pair; stride: Pair; padding: Pair }
  | { kind: 'conv-transpose'; filters: number; kernel: Pair; stride: Pair; padding: Pair; outputPadding: Pair }
  | { kind: 'batch-norm' }
  | { kind: 'activation'; activation: Activation }
  | { kind: 'dropout'; rate: number }
  | { kind: 'reshape'; shape: readonly number[] }

export const ACTIVATIONS = ['linear', 'relu', 'leaky_relu', 'elu', 'sigmoid', 'tanh', 'softplus'] as const
export type Activation = (typeof ACTIVATIONS)[number]

/** An autoencoder as two lists of layers around its bottleneck. */
export interface AutoencoderSpec {
  encoder: readonly LayerSpec[]
  decoder: readonly LayerSpec[]
}

export interface Link {
  layer: string
  shape: readonly number[]
}

/** Output shape of a layer, or undefined when the input does not fit it. */
function outputShape(spec: LayerSpec, input: readonly number[]): readonly number[] | undefined {
  switch (spec.kind) {
    case 'dense':
      return input.length === 1 ? [spec.units] : undefined
    case 'reshape':
      return sizeOf(spec.shape) === sizeOf(input) ? spec.shape : undefined
    case 'conv':
      return input.length === 3
        ? [0, 1]
            .map(i => convolvedLength(input[i], spec.kernel[i], spec.stride[i], spec.padding[i]))
            .concat(spec.filters)
        : undefined
    case 'conv-transpose':
      return input.length === 3
        ? [0, 1]
            .map(i =>
              transposedLength(input[i], spec.kernel[i], spec.stride[i], spec.padding[i], spec.outputPadding[i]),
            )
            .concat(spec.filters)
        : undefined
    default:
      return input
  }
}

const describe = (spec: LayerSpec): string => {
  switch (spec.kind) {
    case 'dense':
      return `dense ${spec.units}`
    case 'conv':
    case 'conv-transpose':
      return `${spec.kind} ${spec.filters} (kernel ${spec.kernel.join('×')}, stride ${spec.stride.join('×')}, padding ${spec.padding.join('×')})`
    case 'reshape':
      return `reshape ${spec.shape.join('×')}`
    default:
      return spec.kind
  }
}

/**
 * Shapes after each layer from the features to the reconstruction.
 * @throws AUSCULT_SHAPE, showing the whole chain, where a layer does not fit or the reconstruction has another shape
 */
export function shapeChain(spec: AutoencoderSpec, featureShape: readonly number[]): Link[] {
  const chain: Link[] = [{ layer: 'features', shape: featureShape }]
  const fail = (why: string): never => {
    const lines = chain.map(({ layer, shape }) => `    ${shape.join('×').padEnd(14)} ${layer}`)
    throw new AuscultError('AUSCULT_SHAPE', `${why}\n${lines.join('\n')}`, {
      at: 'architecture',
      remedy: 'Change kernel, stride, padding or the number of layers, or the window length, so that the chain closes.',
    })
  }
  for (const layer of [...spec.encoder, ...spec.decoder]) {
    const before = chain.at(-1)!.shape
    const after = outputShape(layer, before)
    if (!after) return fail(`${describe(layer)} cannot take an input of shape ${before.join('×')}`)
    chain.push({ layer: describe(layer), shape: after })
    if (after.some(n => n < 1)) return fail(`nothing is left after ${describe(layer)}`)
  }
  const last = chain.at(-1)!.shape
  if (last.join() !== featureShape.join()) {
    return fail(`the reconstruction has shape ${last.join('×')}, the features ${featureShape.join('×')}`)
  }
  return chain
}
