import { attributeOf, GraphView } from './graph-view.ts'
import { type GraphProto, type NodeProto, ONNX_TYPE } from './model.ts'

/** Operators that give integers or truth whatever they take. */
const OTHER = new Set(
  'Shape Size ArgMax ArgMin NonZero Equal Less LessOrEqual Greater GreaterOrEqual And Or Not Xor IsNaN IsInf'.split(
    ' ',
  ),
)

/** Names of the values and constants of a graph that are 32-bit floats; the others are shapes, indices and the like. */
export function floatValues(graph: GraphProto): ReadonlySet<string> {
  const { constants } = new GraphView(graph)
  const floats = new Set<string>()
  for (const [name, { dataType }] of constants) if (dataType === ONNX_TYPE.float32) floats.add(name)
  for (const { name, type } of graph.input) {
    if (type?.tensorType?.elemType === ONNX_TYPE.float32) floats.add(name)
  }
  for (const node of graph.node) {
    if (givesFloats(node, floats)) for (const output of node.output ?? []) floats.add(output)
  }
  return floats
}

function givesFloats(node: NodeProto, floats: ReadonlySet<string>): boolean {
  if (OTHER.has(node.opType)) return false
  if (node.opType === 'Cast') return attributeOf(node, 'to')?.i === ONNX_TYPE.float32
  if (node.opType === 'Constant') return attributeOf(node, 'value')?.t?.dataType === ONNX_TYPE.float32
  if (node.opType === 'ConstantOfShape') {
    return (attributeOf(node, 'value')?.t?.dataType ?? ONNX_TYPE.float32) === ONNX_TYPE.float32
  }
  return floats.has(node.input?.[node.opType === 'Where' ? 1 : 0] ?? '')
}
