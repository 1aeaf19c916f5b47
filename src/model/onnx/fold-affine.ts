import { aliasOf } from './alias.ts'
import { GraphView } from './graph-view.ts'
import { channelOf, type Linear, linearOf } from './linear.ts'
import type { GraphProto, NodeProto } from './model.ts'
import { targetOf } from './reshape.ts'
import { constant, dimsOf, floatsOf } from './tensors.ts'

/** A linear operator, perhaps a reshape, then a constant factor or summand for each channel: one linear operator. */
export function foldAffine(graph: GraphProto): GraphProto | undefined {
  const view = new GraphView(graph)
  for (const node of graph.node) {
    const linear = node.opType === 'MatMul' ? undefined : linearOf(node, view)
    if (!linear) continue
    const next = view.soleTaker(node.output![0])
    const target = next && targetOf(next, view)
    const reshape = target?.at(-1) === linear.channels && node.opType === 'Gemm' ? next : undefined
    const affine = reshape ? view.soleTaker(reshape.output![0]) : next
    const values = affine && operandOf(affine, (reshape ?? node).output![0], linear, view)
    if (values) return folded(graph, view, linear, reshape, affine, values)
  }
  return undefined
}

/** The constant of a Mul or Add as one number for each channel; undefined where it is none, or lies along another axis. */
function operandOf({ opType, input }: NodeProto, value: string, linear: Linear, view: GraphView) {
  if ((opType !== 'Mul' && opType !== 'Add') || input?.length !== 2) return undefined
  const tensor = view.constants.get(input[0] === value ? input[1] : input[0])
  const values = tensor && floatsOf(tensor)
  if (!values) return undefined
  if (values.length === 1) return new Float32Array(linear.channels).fill(values[0])
  const dims = dimsOf(tensor)
  const fromEnd = linear.node.opType === 'Gemm' ? 1 : linear.dims.length - 1
  return values.length === linear.channels && dims.at(-fromEnd) === linear.channels ? values : undefined
}

function folded(
  graph: GraphProto,
  view: GraphView,
  linear: Linear,
  reshape: NodeProto | undefined,
  affine: NodeProto,
  values: Float32Array,
): GraphProto {
  const { node, dims, channels } = linear
  const channel = channelOf(linear)
  const multiplies = affine.opType === 'Mul'
  const weights = multiplies ? linear.weights.map((weight, i) => weight * values[channel(i)]) : linear.weights
  const bias = (linear.bias ?? new Float32Array(channels)).map((b, i) => (multiplies ? b * values[i] : b + values[i]))
  const [output] = affine.output!
  const result = reshape ? aliasOf(output, view.producers) : output
  const names = [`${result}~weights`, `${result}~bias`]
  const changed: NodeProto = { ...node, input: [node.input![0], ...names], output: [result] }
  const by = new Map<NodeProto, NodeProto | undefined>([
    [node, changed],
    [affine, undefined],
  ])
  if (reshape) by.set(reshape, { ...reshape, input: [result, reshape.input![1]], output: [output] })
  return {
    ...graph,
    node: graph.node.flatMap(each => (by.has(each) ? (by.get(each) ?? []) : each)),
    initializer: [
      ...(graph.initializer ?? []),
      constant(names[0], 'float32', dims, weights),
      constant(names[1], 'float32', [channels], bias),
    ],
  }
}
