import type { CreateSession, Tensor } from '../engine.ts'
import { bodyOf } from './body.ts'
import { GraphView } from './graph-view.ts'
import { ATTRIBUTE, encodeModel, type GraphProto, type ModelProto, ONNX_TYPE } from './model.ts'
import { floatValues } from './value-types.ts'

/** Least and largest of each value that a network takes and computes, by the value's name. */
export type Ranges = Record<string, [number, number]>

/** Runs a model on batches of features and gives the range of each of its values. */
export async function measureRanges(
  model: ModelProto,
  batches: AsyncIterable<Tensor> | Iterable<Tensor>,
  createSession: CreateSession,
): Promise<Ranges> {
  const { graph } = model
  const values = valuesOf(graph)
  const session = await createSession(encodeModel({ ...model, graph: withEnds(graph, values) }), {
    device: 'cpu',
    threads: 1,
  })
  const ranges: Ranges = {}
  try {
    for await (const features of batches) {
      const ends = await session.run({ [graph.input[0].name]: features })
      values.forEach((name, i) => {
        const [low, high] = [ends[`low_${i}`].data[0], ends[`high_${i}`].data[0]]
        const [least, most] = ranges[name] ?? [low, high]
        ranges[name] = [Math.min(least, low), Math.max(most, high)]
      })
    }
  } finally {
    await session.release()
  }
  return ranges
}

/** Floats that the network takes or computes of what it takes. */
function valuesOf(graph: GraphProto): string[] {
  const body = bodyOf(graph)
  const floats = floatValues(graph)
  const { constants } = new GraphView(graph)
  const varying = new Set(graph.input.map(({ name }) => name).filter(name => !constants.has(name)))
  for (const { input = [], output = [] } of graph.node.filter(node => body.has(node))) {
    if (input.some(name => varying.has(name))) for (const name of output) varying.add(name)
  }
  return [...varying].filter(name => floats.has(name))
}

/** The graph with the least and the largest of values as its outputs. */
function withEnds(graph: GraphProto, values: readonly string[]): GraphProto {
  const type = { tensorType: { elemType: ONNX_TYPE.float32, shape: { dim: [] } } }
  const attribute = [{ name: 'keepdims', type: ATTRIBUTE.int, i: 0 }]
  const ends = values.flatMap((name, i) => [
    { opType: 'ReduceMin', name: `low_${i}`, input: [name], output: [`low_${i}`], attribute },
    { opType: 'ReduceMax', name: `high_${i}`, input: [name], output: [`high_${i}`], attribute },
  ])
  return { ...graph, node: [...graph.node, ...ends], output: ends.map(({ name }) => ({ name, type })) }
}
