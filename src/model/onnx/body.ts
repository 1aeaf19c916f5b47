import { GraphView } from './graph-view.ts'
import type { GraphProto, NodeProto } from './model.ts'

/**
 * The nodes of the network itself. The others compute the score of what it gives: differences of numbers that are nearly equal, and sums of many,
 * which stay exact.
 */
export function bodyOf(graph: GraphProto): ReadonlySet<NodeProto> {
  const named = graph.output.map(({ name }) => name)
  const network = named.filter(name => name !== 'score')
  return new GraphView(graph).behind(network.length > 0 ? network : named)
}
