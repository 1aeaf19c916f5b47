import type { AttributeProto, GraphProto, NodeProto, TensorProto } from './model.ts'
import { inputsOf } from './subgraphs.ts'

/** What makes and what takes each value of a graph, graphs inside its nodes included. Made anew after the graph has changed. */
export class GraphView {
  readonly producers = new Map<string, NodeProto>()
  readonly consumers = new Map<string, NodeProto[]>()
  readonly constants = new Map<string, TensorProto>()
  readonly outputs: ReadonlySet<string>

  constructor(graph: GraphProto) {
    for (const node of graph.node) {
      for (const output of node.output ?? []) this.producers.set(output, node)
      for (const input of new Set(inputsOf(node))) this.consumers.set(input, [...this.takersOf(input), node])
    }
    for (const tensor of graph.initializer ?? []) this.constants.set(tensor.name!, tensor)
    this.outputs = new Set(graph.output.map(({ name }) => name))
  }

  takersOf(value: string): readonly NodeProto[] {
    return this.consumers.get(value) ?? []
  }

  /** The node that alone takes a value, if the value goes nowhere else. */
  soleTaker(value: string): NodeProto | undefined {
    const takers = this.takersOf(value)
    return takers.length === 1 && !this.outputs.has(value) ? takers[0] : undefined
  }

  /** The nodes that the named values need. */
  behind(values: readonly string[]): Set<NodeProto> {
    const found = new Set<NodeProto>()
    const waiting = [...values]
    for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
      const node = this.producers.get(value)
      if (!node || found.has(node)) continue
      found.add(node)
      waiting.push(...inputsOf(node))
    }
    return found
  }
}

/** The graph without nodes and constants that no output needs. */
export function withoutUnused(graph: GraphProto): GraphProto {
  const needed = new GraphView(graph).behind(graph.output.map(({ name }) => name))
  const node = graph.node.filter(each => needed.has(each))
  const named = new Set([...node.flatMap(inputsOf), ...graph.output.map(({ name }) => name)])
  return { ...graph, node, initializer: graph.initializer?.filter(({ name }) => named.has(name!)) }
}

export const attributeOf = (node: NodeProto, name: string): AttributeProto | undefined =>
  node.attribute?.find(attribute => attribute.name === name)
