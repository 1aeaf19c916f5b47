import { createOnnxSession } from '../engines/onnx.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { encodeModel, type ModelProto, ONNX_TYPE } from '../onnx/model.ts'
import { opsetOf } from './adapt.ts'
import { type Bottleneck, bottlenecks } from './bottlenecks.ts'
import { dimsOf, type ModelInput, trueInputs, typeName } from './input.ts'
import type { ForeignModel } from './read.ts'
import { type WeightFacts, weightFacts } from './weights.ts'

export interface ValueFacts {
  name: string
  type: string
  /** null: any length; undefined where the model does not say. */
  shape: (number | null)[] | undefined
}

/** What `auscult model` says of an ONNX file. */
export interface ModelFacts {
  file: string
  /** Of all its files. */
  bytes: number
  /** Files beside it that hold weights. */
  external: readonly string[]
  producer: string
  ir_version: number
  opset: number
  inputs: ValueFacts[]
  outputs: ValueFacts[]
  operators: Record<string, number>
  weights: WeightFacts
  /** The output that has the input's size; null where there is none, or it is not known. */
  reconstruction: string | null
  /** Candidates for the latent, the best first. */
  latents: Bottleneck[]
}

const SHOWN = 8

/** Looks at a model, and runs it once on small numbers to learn the shapes of its values. */
export async function inspectModel({ model, file, bytes, external }: ForeignModel): Promise<ModelFacts> {
  const { graph } = model
  const inputs = trueInputs(graph)
  const facts = {
    file,
    bytes,
    external,
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
    ir_version: model.irVersion,
    opset: opsetOf(model),
    inputs: inputs.map(({ name, type, dims }) => ({ name, type: typeName(type), shape: dims ? [...dims] : undefined })),
    outputs: graph.output.map(info => ({
      name: info.name,
      type: typeName(info.type?.tensorType?.elemType ?? 0),
      shape: dimsOf(info),
    })),
    operators: countOperators(model),
    weights: weightFacts(model),
  }
  const input = inputs.length === 1 ? inputs[0] : undefined
  const shapes = input && (await shapesOf(model, input))
  if (!input || !shapes) return { ...facts, reconstruction: null, latents: [] }
  const wanted = sizeOf(shapes.get(input.name)!)
  const same = graph.output.find(({ name }) => shapes.has(name) && sizeOf(shapes.get(name)!) === wanted)
  const output = (same ?? graph.output[0])?.name ?? ''
  const batch = shapes.get(input.name)![0]
  const latents = bottlenecks(graph, { input: input.name, output, shapes, batch }).slice(0, SHOWN)
  return { ...facts, reconstruction: same?.name ?? null, latents }
}

function countOperators({ graph }: ModelProto): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { opType } of graph.node) counts[opType] = (counts[opType] ?? 0) + 1
  return Object.fromEntries(Object.entries(counts).sort((a, b) => b[1] - a[1]))
}

/** Shapes of the values by running the model with 2 items where it takes so many; undefined where it cannot be run. */
async function shapesOf(model: ModelProto, input: ModelInput): Promise<Map<string, readonly number[]> | undefined> {
  const { dims, type } = input
  if (type !== ONNX_TYPE.float32 || !dims || dims.slice(1).some(n => n === null)) return undefined
  const shape = [dims[0] ?? 2, ...dims.slice(1)] as number[]
  const names = model.graph.node.flatMap(({ output = [] }) => output).filter(name => name !== '')
  const known = new Set(model.graph.output.map(({ name }) => name))
  const added = names.filter(name => !known.has(name)).map(name => ({ name }))
  const graph = { ...model.graph, output: [...model.graph.output, ...added], valueInfo: [] }
  try {
    const session = await createOnnxSession(encodeModel({ ...model, graph }), { device: 'cpu', threads: 1 })
    try {
      const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i))
      const results = await session.run({ [input.name]: { data, shape } })
      const entries = Object.entries(results).map(([name, value]) => [name, value.shape] as const)
      return new Map([[input.name, shape], ...entries])
    } finally {
      await session.release()
    }
  } catch {
    return undefined
  }
}
