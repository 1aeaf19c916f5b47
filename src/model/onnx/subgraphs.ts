import type { AttributeProto, GraphProto, NodeProto } from './model.ts'

/** The graphs inside an attribute: bodies of loops, branches. */
export const graphsOf = (attribute: AttributeProto & { graphs?: GraphProto[] }): GraphProto[] => [
  ...(attribute.g ? [attribute.g] : []),
  ...(attribute.graphs ?? []),
]

/** Values that a node reads, those that graphs inside it take from outside included. */
export function inputsOf(node: NodeProto): string[] {
  const inner = (node.attribute ?? []).flatMap(graphsOf).flatMap(graph => {
    const own = new Set([
      ...graph.input.map(({ name }) => name),
      ...(graph.initializer ?? []).map(({ name = '' }) => name),
      ...graph.node.flatMap(({ output = [] }) => output),
    ])
    const read = [...graph.node.flatMap(inputsOf), ...graph.output.map(({ name }) => name)]
    return read.filter(name => !own.has(name))
  })
  return [...(node.input ?? []), ...inner].filter(name => name !== '')
}

/** The graph with other names for values, in graphs inside it as well. */
export function renameValues(graph: GraphProto, rename: (name: string) => string): GraphProto {
  const named = <T extends { name?: string }>(items: readonly T[] = []) =>
    items.map(item => ({ ...item, name: rename(item.name ?? '') }))
  return {
    ...graph,
    input: named(graph.input),
    output: named(graph.output),
    initializer: named(graph.initializer),
    valueInfo: named(graph.valueInfo),
    node: graph.node.map(node => ({
      ...node,
      input: (node.input ?? []).map(rename),
      output: (node.output ?? []).map(rename),
      attribute: (node.attribute ?? []).map(attribute => renameInside(attribute, rename)),
    })),
  }
}

function renameInside(
  attribute: AttributeProto & { graphs?: GraphProto[] },
  rename: (name: string) => string,
): AttributeProto {
  if (graphsOf(attribute).length === 0) return attribute
  const inside = (graph: GraphProto) => renameValues(graph, rename)
  return {
    ...attribute,
    ...(attribute.g && { g: inside(attribute.g) }),
    ...(attribute.graphs && { graphs: attribute.graphs.map(inside) }),
  }
}
