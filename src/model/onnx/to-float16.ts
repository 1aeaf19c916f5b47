import { AuscultError } from '../../errors.ts'
import { bodyOf } from './body.ts'
import { FLOAT16_MAX, toFloat16 as halves } from './float16.ts'
import { GraphView, withoutUnused } from './graph-view.ts'
import { ATTRIBUTE, type GraphProto, type NodeProto, ONNX_TYPE, type TensorProto } from './model.ts'
import { constant, dimsOf, floatsOf } from './tensors.ts'
import { floatValues } from './value-types.ts'

/** Inputs that the standard wants in 32 bits whatever the others have. */
const ALWAYS_FLOAT32: Record<string, readonly number[]> = { Resize: [1, 2], Upsample: [1] }

const half = (name: string): string => `${name}~half`

/**
 * The same graph with the network's weights and values in 16 bits; what comes in and goes out, and what computes the score, has 32.
 * @throws AUSCULT_PRECISION where a weight is too large
 */
export function toFloat16(graph: GraphProto, at: string): GraphProto {
  const view = new GraphView(graph)
  const body = bodyOf(graph)
  const floats = floatValues(graph)
  const made = new Set([...body].flatMap(({ output = [] }) => output).filter(name => floats.has(name)))
  const constants = new Map<string, TensorProto>()
  const casts = new Map<string, NodeProto>()
  const node: NodeProto[] = []
  for (const each of graph.node) {
    if (!body.has(each)) {
      node.push(each)
      continue
    }
    const input = each.input?.map((name, i) => {
      if (!floats.has(name) || ALWAYS_FLOAT32[each.opType]?.includes(i)) return name
      const tensor = view.constants.get(name)
      if (tensor) constants.set(name, toHalf(tensor, at))
      else if (!made.has(name)) casts.set(name, cast(name, half(name), 'float16'))
      return half(name)
    })
    const output = each.output?.map(name => (made.has(name) ? half(name) : name))
    node.push({ ...withHalves(each), input, output })
    // For the score, for who asks, and for what keeps its 32 bits.
    const leaves = (name: string) =>
      view.outputs.has(name) || view.takersOf(name).some(taker => !body.has(taker) || ALWAYS_FLOAT32[taker.opType])
    for (const name of each.output ?? [])
      if (made.has(name) && leaves(name)) node.push(cast(half(name), name, 'float32'))
  }
  return withoutUnused({
    ...graph,
    node: [...casts.values(), ...node],
    initializer: [...(graph.initializer ?? []), ...constants.values()],
    valueInfo: [],
  })
}

const cast = (from: string, to: string, type: 'float16' | 'float32'): NodeProto => ({
  opType: 'Cast',
  name: `to_${type}_${from}`,
  input: [from],
  output: [to],
  attribute: [{ name: 'to', type: ATTRIBUTE.int, i: ONNX_TYPE[type] }],
})

/** A node that says itself that it gives 32 bits. */
function withHalves(node: NodeProto): NodeProto {
  if (node.opType !== 'Cast') return node
  const attribute = node.attribute?.map(each =>
    each.name === 'to' && each.i === ONNX_TYPE.float32 ? { ...each, i: ONNX_TYPE.float16 } : each,
  )
  return { ...node, attribute }
}

function toHalf(tensor: TensorProto, at: string): TensorProto {
  const values = floatsOf(tensor)!
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (largest > FLOAT16_MAX) {
    throw new AuscultError('AUSCULT_PRECISION', `the model has a weight of ${largest}; fp16 ends at ${FLOAT16_MAX}`, {
      at,
      remedy: 'Use precision: fp32.',
    })
  }
  return constant(half(tensor.name!), 'float16', dimsOf(tensor), halves(values))
}
