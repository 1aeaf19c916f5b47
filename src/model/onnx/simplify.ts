import { aliasOf } from './alias.ts'
import { foldAffine } from './fold-affine.ts'
import { attributeOf, GraphView, withoutUnused } from './graph-view.ts'
import type { GraphProto, NodeProto } from './model.ts'
import { targetOf } from './reshape.ts'
import { dimsOf } from './tensors.ts'

/** Operators on each element by itself that have no other operand. */
const ELEMENTWISE = new Set(['Relu', 'LeakyRelu', 'Elu', 'Selu', 'Tanh', 'Sigmoid', 'Softplus', 'Identity'])

/** A graph that is changed in one place, or undefined where nothing is left to change. */
export type Rewrite = (graph: GraphProto) => GraphProto | undefined

/**
 * The same function with fewer nodes: reshapes behind activations, in one piece or gone; scale and shift of batch norm in the weights before
 * them.
 */
export function simplify(graph: GraphProto): GraphProto {
  let result = graph
  for (;;) {
    const changed = delayReshape(result) ?? mergeReshapes(result) ?? dropReshape(result) ?? foldAffine(result)
    if (!changed) return withoutUnused(result)
    result = changed
  }
}

/** Reshape, then activation: the other way round. */
const delayReshape: Rewrite = graph => {
  const view = new GraphView(graph)
  for (const reshape of graph.node) {
    if (!targetOf(reshape, view)) continue
    const next = view.soleTaker(reshape.output![0])
    if (!next || !ELEMENTWISE.has(next.opType)) continue
    const [output] = next.output!
    const between = aliasOf(output, view.producers)
    const first = { ...next, input: [reshape.input![0]], output: [between] }
    const then = { ...reshape, input: [between, reshape.input![1]], output: [output] }
    return replaced(
      graph,
      new Map([
        [reshape, first],
        [next, then],
      ]),
    )
  }
  return undefined
}

/** Reshape of a reshape: only the last one matters. */
const mergeReshapes: Rewrite = graph => {
  const view = new GraphView(graph)
  for (const reshape of graph.node) {
    if (!targetOf(reshape, view)) continue
    const before = view.producers.get(reshape.input![0])
    if (!before || !targetOf(before, view)) continue
    const direct = { ...reshape, input: [before.input![0], reshape.input![1]] }
    // Unless something else takes it, the one before is gone: others may now see that a value goes nowhere else.
    return withoutUnused(replaced(graph, new Map([[reshape, direct]])))
  }
  return undefined
}

/** A reshape to rows that are rows already. */
const dropReshape: Rewrite = graph => {
  const view = new GraphView(graph)
  for (const reshape of graph.node) {
    const target = targetOf(reshape, view)
    const [result] = reshape.output!
    if (target?.length !== 2 || view.outputs.has(result)) continue
    // Graphs inside nodes know values by their names.
    if (view.takersOf(result).some(({ input }) => !input?.includes(result))) continue
    const [value] = reshape.input!
    if (rowLength(value, graph, view) !== target[1]) continue
    const node = graph.node
      .filter(each => each !== reshape)
      .map(each => ({ ...each, input: each.input?.map(name => (name === result ? value : name)) }))
    return { ...graph, node }
  }
  return undefined
}

/** Length of the rows of a value that is known to be a matrix. */
function rowLength(value: string, graph: GraphProto, view: GraphView): number | undefined {
  const node = view.producers.get(value)
  if (!node) {
    const dim = graph.input.find(({ name }) => name === value)?.type?.tensorType?.shape?.dim
    return dim?.length === 2 ? dim[1].dimValue : undefined
  }
  if (ELEMENTWISE.has(node.opType)) return rowLength(node.input![0], graph, view)
  const weights = node.opType === 'Gemm' ? view.constants.get(node.input![1]) : undefined
  return weights && dimsOf(weights)[attributeOf(node, 'transB')?.i ? 0 : 1]
}

const replaced = (graph: GraphProto, by: ReadonlyMap<NodeProto, NodeProto>): GraphProto => ({
  ...graph,
  node: graph.node.map(node => by.get(node) ?? node),
})
