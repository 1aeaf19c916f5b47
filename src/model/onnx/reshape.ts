import { attributeOf, type GraphView } from './graph-view.ts'
import type { NodeProto } from './model.ts'
import { intsOf } from './tensors.ts'

/** The shape that a node reshapes to, where that is known and copies no dimension of its input. */
export function targetOf(node: NodeProto, { constants }: GraphView): readonly number[] | undefined {
  if (node.opType !== 'Reshape' || attributeOf(node, 'allowzero')?.i) return undefined
  const tensor = constants.get(node.input?.[1] ?? '')
  const target = tensor && intsOf(tensor)
  return target?.includes(0) ? undefined : target
}
