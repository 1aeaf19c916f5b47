import type { CreateSession } from '../engine.ts'
import { GraphView, withoutUnused } from './graph-view.ts'
import { encodeModel, type ModelProto, type NodeProto, ONNX_TYPE } from './model.ts'
import { constant } from './tensors.ts'
import { floatValues } from './value-types.ts'

/** The same model with floats in the place of what is computed of constants alone: scales of batch norm, transposed weights. */
export async function foldConstants(model: ModelProto, createSession: CreateSession): Promise<ModelProto> {
  const { graph } = model
  const known = new Set(new GraphView(graph).constants.keys())
  const computed: NodeProto[] = []
  for (const node of graph.node) {
    const { input = [], output = [] } = node
    const constantInputs = input.length > 0 && input.every(name => name === '' || known.has(name))
    if (node.opType !== 'Constant' && !constantInputs) continue
    computed.push(node)
    for (const name of output) known.add(name)
  }
  const floats = floatValues(graph)
  const others = graph.node.filter(node => !computed.includes(node))
  const taken = new Set([...others.flatMap(({ input = [] }) => input), ...graph.output.map(({ name }) => name)])
  const wanted = computed.flatMap(({ output = [] }) => output).filter(name => taken.has(name) && floats.has(name))
  if (wanted.length === 0) return model
  const output = wanted.map(name => ({ name, type: { tensorType: { elemType: ONNX_TYPE.float32 } } }))
  const part = withoutUnused({ ...graph, node: computed, input: [], output, valueInfo: [] })
  const session = await createSession(encodeModel({ ...model, graph: part }), { device: 'cpu', threads: 1 })
  try {
    const values = await session.run({})
    const folded = wanted.map(name => constant(name, 'float32', values[name].shape, values[name].data))
    const initializer = [...(graph.initializer ?? []), ...folded]
    const node = graph.node.filter(each => !each.output?.some(name => wanted.includes(name)))
    return { ...model, graph: withoutUnused({ ...graph, node, initializer }) }
  } finally {
    await session.release()
  }
}
