import { AuscultError } from '../../errors.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { convolvedLength, transposedLength } from './lengths.ts'

type Pair = readonly [number, number]

/** One layer of an architecture, before it is built: enough to know its output shape. Shapes are of one item, channels last. */
export type LayerSpec =
  /** @param spectralNorm whether the kernel is divided by its largest singular value; there with a bias, and on vectors */
  | { kind: 'dense'; units: number; bias?: boolean; spectralNorm?: boolean }
  | {
      kind: 'conv'
      filters: number
      kernel: Pair
      stride: Pair
      padding: Pair
      bias?: boolean
      spectralNorm?: boolean
    }
  | {
      kind: 'conv-transpose'
      filters: number
      kernel: Pair
      stride: Pair
      padding: Pair
      outputPadding: Pair
      bias?: boolean
    }
  /** @param affine whether a learned scale and shift follow; default true. @param momentum default 0.99. @param epsilon default 0.001 */
  | { kind: 'batch-norm'; affine?: boolean; momentum?: number; epsilon?: number }
  /** @param slope of leaky_relu below 0; default 0.2 */
  | { kind: 'activation'; activation: Activation; slope?: number }
  | { kind: 'dropout'; rate: number }
  | { kind: 'reshape'; shape: readonly number[] }
  | LstmSpec
  /** Keeps what comes in under a name, and passes it on. */
  | { kind: 'keep'; as: string }
  /** Adds the channels of what was kept. */
  | { kind: 'concat'; kept: string }
  /** Takes one of several frames out of a vector that holds them one after the other. */
  | { kind: 'leave-out'; frame: number; frames: number }
  /** Puts a frame into what was kept, in the place of another. */
  | { kind: 'put-in'; frame: number; frames: number; kept: string }

/** A recurrent layer (Hochreiter and Schmidhuber 1997; gates as in Keras and PyTorch). */
export interface LstmSpec {
  kind: 'lstm'
  units: number
  /** Frames for which an input vector is repeated; none where the input is a sequence. */
  repeat?: number
  /** The whole sequence of hidden states, or the last one alone. */
  returns: 'sequence' | 'last'
  /** The first state that is computed is the sequence's last. */
  backwards?: boolean
  /** Reads in both directions, and gives the states of both. */
  bidirectional?: boolean
}

export const ACTIVATIONS = ['linear', 'relu', 'leaky_relu', 'elu', 'sigmoid', 'tanh', 'softplus'] as const
export type Activation = (typeof ACTIVATIONS)[number]

/** An autoencoder as two lists of layers around its bottleneck. */
export interface AutoencoderSpec {
  encoder: readonly LayerSpec[]
  decoder: readonly LayerSpec[]
  /** Which values of the flattened features are predicted, where it is not all of them: loss and score are theirs. */
  predicted?: { readonly begin: number; readonly size: number }
}

export interface Link {
  layer: string
  shape: readonly number[]
}

/** Output shape of a layer, or undefined when the input does not fit it. */
function outputShape(
  spec: LayerSpec,
  input: readonly number[],
  kept: ReadonlyMap<string, readonly number[]>,
): readonly number[] | undefined {
  switch (spec.kind) {
    // Each frame of a sequence goes through the same units.
    case 'dense':
      return input.length <= 2 ? [...input.slice(0, -1), spec.units] : undefined
    case 'lstm': {
      if (input.length !== (spec.repeat ? 1 : 2)) return undefined
      const units = spec.bidirectional ? 2 * spec.units : spec.units
      return spec.returns === 'last' ? [units] : [spec.repeat ?? input[0], units]
    }
    case 'concat': {
      const other = kept.get(spec.kept)
      const fits = other?.length === input.length && input.slice(0, -1).every((n, i) => n === other[i])
      return fits ? [...input.slice(0, -1), input.at(-1)! + other.at(-1)!] : undefined
    }
    case 'leave-out':
      return input.length === 1 && input[0] % spec.frames === 0 ? [input[0] - input[0] / spec.frames] : undefined
    case 'put-in': {
      const whole = kept.get(spec.kept)
      return input.length === 1 && whole?.[0] === spec.frames * input[0] ? whole : undefined
    }
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
    case 'lstm':
      return `lstm ${spec.units}${spec.repeat ? ` (repeated ${spec.repeat} times)` : ''}`
    case 'concat':
      return `concat with ${spec.kept}`
    case 'keep':
      return `keep as ${spec.as}`
    case 'leave-out':
    case 'put-in':
      return `${spec.kind} frame ${spec.frame + 1} of ${spec.frames}`
    default:
      return spec.kind
  }
}

/**
 * Shapes after each layer from the features to the reconstruction.
 * @throws AUSCULT_SHAPE, showing the whole chain, where a layer does not fit or the reconstruction has another shape
 */
export const shapeChain = ({ encoder, decoder }: AutoencoderSpec, featureShape: readonly number[]): Link[] =>
  checkChain([...encoder, ...decoder], { layer: 'features', shape: featureShape }, featureShape)

/**
 * Shapes after each layer.
 * @param from what goes in
 * @param featureShape what is to come out, where that is to be like features
 * @throws AUSCULT_SHAPE, showing the whole chain, where a layer does not fit or another shape comes out
 */
export function checkChain(layers: readonly LayerSpec[], from: Link, featureShape?: readonly number[]): Link[] {
  const chain: Link[] = [from]
  const fail = (why: string): never => {
    const lines = chain.map(({ layer, shape }) => `    ${shape.join('×').padEnd(14)} ${layer}`)
    throw new AuscultError('AUSCULT_SHAPE', `${why}\n${lines.join('\n')}`, {
      at: 'architecture',
      remedy: 'Change kernel, stride, padding or the number of layers, or the window length, so that the chain closes.',
    })
  }
  const kept = new Map<string, readonly number[]>()
  for (const layer of layers) {
    const before = chain.at(-1)!.shape
    if (layer.kind === 'keep') kept.set(layer.as, before)
    const after = outputShape(layer, before, kept)
    if (!after) return fail(`${describe(layer)} cannot take an input of shape ${before.join('×')}`)
    chain.push({ layer: describe(layer), shape: after })
    if (after.some(n => n < 1)) return fail(`nothing is left after ${describe(layer)}`)
  }
  const last = chain.at(-1)!.shape
  if (featureShape && last.join() !== featureShape.join()) {
    return fail(`the reconstruction has shape ${last.join('×')}, the features ${featureShape.join('×')}`)
  }
  return chain
}
