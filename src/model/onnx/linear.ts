import { attributeOf, type GraphView } from './graph-view.ts'
import type { NodeProto } from './model.ts'
import { dimsOf, floatsOf, holdsFloats } from './tensors.ts'

/** A Gemm, MatMul, Conv or ConvTranspose with constant weights. */
export interface Linear {
  readonly node: NodeProto
  /** A copy, made when it is asked for. */
  readonly weights: Float32Array
  readonly dims: readonly number[]
  /** Absent where the operator has none, or none that is constant. */
  readonly bias: Float32Array | undefined
  /** Axis of the output's channels (columns) in the weights. */
  readonly axis: number
  readonly channels: number
}

/** @returns undefined for other operators, and for those whose weights are computed */
export function linearOf(node: NodeProto, { constants }: GraphView): Linear | undefined {
  const [, weightName = '', biasName = ''] = node.input ?? []
  const tensor = constants.get(weightName)
  if (!tensor || !holdsFloats(tensor) || !isPlain(node)) return undefined
  const dims = dimsOf(tensor)
  const axis = channelAxis(node, dims.length)
  if (axis === undefined) return undefined
  const channels = dims[axis]
  const biasTensor = constants.get(biasName)
  const bias = biasTensor && floatsOf(biasTensor)
  if (biasName !== '' && bias?.length !== channels) return undefined
  return {
    node,
    dims,
    bias,
    axis,
    channels,
    get weights() {
      return floatsOf(tensor)!
    },
  }
}

/** Convolutions in groups order their weights otherwise; a factor or a transposed input is not of our making. */
function isPlain(node: NodeProto): boolean {
  const is = (name: string, usual: number) => {
    const attribute = attributeOf(node, name)
    return attribute === undefined || (attribute.f ?? attribute.i ?? usual) === usual
  }
  return is('alpha', 1) && is('beta', 1) && is('transA', 0) && is('group', 1)
}

function channelAxis(node: NodeProto, rank: number): number | undefined {
  switch (node.opType) {
    case 'Gemm':
      return attributeOf(node, 'transB')?.i ? 0 : 1
    case 'MatMul':
      return rank === 2 ? 1 : undefined
    case 'Conv':
      return 0
    case 'ConvTranspose':
      return 1
    default:
      return undefined
  }
}

/** Which channel of the output each weight belongs to. */
export function channelOf({ dims, axis, channels }: Pick<Linear, 'dims' | 'axis' | 'channels'>): (i: number) => number {
  const inner = dims.slice(axis + 1).reduce((product, size) => product * size, 1)
  return i => Math.floor(i / inner) % channels
}
