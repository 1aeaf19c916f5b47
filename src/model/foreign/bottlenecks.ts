import { sizeOf } from '../frontends/frontend.ts'
import type { GraphProto, NodeProto } from '../onnx/model.ts'
import { inputsOf } from '../onnx/subgraphs.ts'

/** A value that everything the output is made of passes through. */
export interface Bottleneck {
  readonly name: string
  readonly operator: string
  /** With the batch. */
  readonly shape: readonly number[]
  /** Values of one item. */
  readonly size: number
}

/** More nodes than this are not searched: it takes the square of their number. */
const MOST_NODES = 5000

/**
 * Values between an input and an output that the output knows the input by alone, narrowest first; among equals the last, which is what
 * the decoder is given. Those as wide as the input are left out.
 * @param shapes of values for a batch of `batch`
 */
export function bottlenecks(
  graph: GraphProto,
  {
    input,
    output,
    shapes,
    batch,
  }: { input: string; output: string; shapes: ReadonlyMap<string, readonly number[]>; batch: number },
): Bottleneck[] {
  if (graph.node.length > MOST_NODES) return []
  const readers = new Map<string, NodeProto[]>()
  for (const node of graph.node) {
    for (const name of inputsOf(node)) readers.set(name, [...(readers.get(name) ?? []), node])
  }
  const perItem = (name: string) => (shapes.has(name) ? sizeOf(shapes.get(name)!) / batch : Number.POSITIVE_INFINITY)
  const widest = perItem(input)
  return graph.node
    .flatMap((node, place) => (node.output ?? []).map(name => ({ name, operator: node.opType, place })))
    .filter(({ name }) => perItem(name) >= 1 && perItem(name) < widest && name !== output)
    .filter(({ name }) => reaches(readers, input, output, undefined) && !reaches(readers, input, output, name))
    .map(({ name, operator, place }) => ({ name, operator, shape: shapes.get(name)!, size: perItem(name), place }))
    .sort((a, b) => a.size - b.size || b.place - a.place)
    .map(({ place: _, ...found }) => found)
}

/** Whether a value is computed from another, without a third. */
function reaches(
  readers: ReadonlyMap<string, readonly NodeProto[]>,
  from: string,
  to: string,
  without?: string,
): boolean {
  const seen = new Set<string>()
  const stack = [from]
  while (stack.length > 0) {
    const name = stack.pop()!
    if (name === to) return true
    if (name === without || seen.has(name)) continue
    seen.add(name)
    for (const node of readers.get(name) ?? []) stack.push(...(node.output ?? []))
  }
  return false
}
