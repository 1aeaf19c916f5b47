import type { OnnxType } from '../onnx/model.ts'
import { tf } from '../tf.ts'
import { backend, NAME } from './backend.ts'
import { encodeGraph } from './encode.ts'
import { GraphBuilder } from './graph.ts'
import { type DynamicBatch, onnxType, type TensorInfo, Tracer } from './tracer.ts'

/** Shape and type of a graph input. The dimension -1 in front stands for any number of items. */
export interface InputSpec {
  shape: readonly number[]
  dtype?: 'float32' | 'int32'
}

export interface TraceOptions {
  name: string
  inputs: Readonly<Record<string, InputSpec>>
  /**
   * Groups of variables that are graph inputs, each group one vector that holds its variables one after the other. Groups that the
   * function assigns to are outputs too, named `<group>:next`, unless the function returns one of that name. Variables that are not listed become constants of the graph.
   */
  variables?: Readonly<Record<string, readonly tf.Variable[]>>
  /** What to call the constants that variables become. */
  constants?: Readonly<Record<string, tf.Variable>>
  fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>
  /** Layers to name in errors. */
  layers?: readonly NamedLayer[]
}

export interface NamedLayer {
  name: string
  call(...args: never[]): unknown
}

export interface TracedGraph {
  /** ONNX ModelProto. */
  onnx: Uint8Array
  inputs: string[]
  outputs: string[]
  nodes: number
}

/** Suffix of the graph output that holds a variable's value after the function ran. */
export const NEXT = ':next'

/** Primes for the batch dimension; the first that divides no other dimension is taken. */
const PRIMES = [251, 241, 239, 233, 229, 227, 223, 211, 199, 197, 193, 191, 181, 179, 173, 167]

/**
 * Runs a TensorFlow.js program once without computing anything and returns it as an ONNX graph. `tf.grads` and
 * `tf.variableGrads` may be used inside, also within each other.
 *
 * State is captured functionally: each variable is an input, and the data it holds when the function returns is an output.
 * The variables themselves are left as they were.
 * @throws AUSCULT_UNSUPPORTED_OP with the operation and the layer that used it
 */
export function trace({ name, inputs, variables = {}, constants = {}, fn, layers = [] }: TraceOptions): TracedGraph {
  const graph = new GraphBuilder()
  const dynamic = Object.keys(inputs).find(key => inputs[key].shape[0] === -1)
  const size = dynamic ? batchSize(inputs, variables) : 0
  const batch: DynamicBatch | undefined = dynamic ? { size, input: dynamic } : undefined
  const tracer = new Tracer(graph, backend.data, batch)
  const originals = Object.values(variables)
    .flat()
    .map(variable => ({ variable, dataId: variable.dataId }))
  const restoreLayers = nameLayers(tracer, layers)
  const previous = tf.getBackend()
  const dims = (shape: readonly number[]) => shape.map(n => (n === -1 ? size : n))
  const named = (shape: readonly number[]) =>
    shape.map(n => (batch && n > 0 && n % size === 0 ? symbolic(n / size) : n))

  const open = (key: string, shape: readonly number[], dtype: string): TensorInfo => {
    graph.input(key, onnxType(dtype), named(shape))
    return tracer.tensor(key, shape, dtype)
  }
  try {
    tf.setBackend(NAME)
    backend.tracer = tracer
    for (const [name, { dataId, shape }] of Object.entries(constants)) {
      // Its data may have had another shape when it was made.
      Object.assign(backend.data.get(dataId), { name, shape })
    }
    tf.tidy(() => {
      const feeds = Object.entries(inputs).map(([key, spec]) => {
        const info = open(key, dims(spec.shape), spec.dtype ?? 'float32')
        return [key, tf.engine().makeTensorFromTensorInfo(info as tf.TensorInfo)] as const
      })
      const groups = Object.entries(variables).map(([key, group]) => ({ key, group, before: unpack(key, group) }))
      const results = fn(Object.fromEntries(feeds))
      for (const [key, tensor] of Object.entries(results)) give(key, tensor)
      for (const { key, group, before } of groups) {
        if (key + NEXT in results) continue
        if (group.some((variable, i) => variable.dataId !== before[i])) give(key + NEXT, pack(group))
      }
    })
  } finally {
    backend.tracer = undefined
    for (const { variable, dataId } of originals) variable.dataId = dataId
    restoreLayers()
    tf.setBackend(previous || 'cpu')
  }
  /** Makes each variable a piece of the graph input `key`; returns the pieces' handles. */
  function unpack(key: string, group: readonly tf.Variable[]): object[] {
    const total = group.reduce((sum, variable) => sum + variable.size, 0)
    const flat = tf.engine().makeTensorFromTensorInfo(open(key, [total], 'float32') as tf.TensorInfo) as tf.Tensor1D
    const pieces =
      group.length > 1
        ? tf.split(
            flat,
            group.map(variable => variable.size),
          )
        : [flat]
    return group.map((variable, i) => {
      variable.dataId = tf.reshape(pieces[i], variable.shape).dataId
      return variable.dataId
    })
  }
  function give(key: string, tensor: tf.Tensor): void {
    const type: OnnxType = onnxType(tensor.dtype)
    graph.output(key, tracer.value(tensor as unknown as TensorInfo), type, named(tensor.shape))
  }
  const finished = graph.finish(name)
  return {
    onnx: encodeGraph(finished),
    inputs: finished.inputs.map(input => input.name),
    outputs: finished.outputs.map(output => output.name),
    nodes: finished.nodes.length,
  }
}

/** The variables' data one after the other. */
export const pack = (tensors: readonly tf.Tensor[]): tf.Tensor1D =>
  tf.concat(tensors.map(tensor => tf.reshape(tensor, [-1]) as tf.Tensor1D))

const symbolic = (multiple: number): string => (multiple === 1 ? 'n' : `${multiple}n`)

function batchSize(inputs: TraceOptions['inputs'], variables: Record<string, readonly tf.Variable[]>): number {
  const shapes = [...Object.values(inputs), ...Object.values(variables).flat()].flatMap(({ shape }) => [
    ...shape,
    product(shape),
  ])
  const prime = PRIMES.find(p => !shapes.some(n => n > 1 && n % p === 0))
  if (prime === undefined) throw new Error('no prime is left to stand for the batch dimension')
  return prime
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * Math.abs(b), 1)

/** Makes each layer say its name while its `call` runs, so that an error can tell where an operation came from. */
function nameLayers(tracer: Tracer, layers: readonly NamedLayer[]): () => void {
  for (const layer of layers) {
    const call = layer.call
    layer.call = (...args: never[]) => {
      tracer.layers.push(layer.name)
      try {
        return call.apply(layer, args)
      } finally {
        tracer.layers.pop()
      }
    }
  }
  return () => {
    for (const layer of layers) Reflect.deleteProperty(layer, 'call')
  }
}
