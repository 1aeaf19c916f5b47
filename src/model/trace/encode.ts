/** Writes what was traced as an ONNX model. */
import { ATTRIBUTE, encodeModel, ONNX_TYPE, type OnnxType } from '../onnx/model.ts'

export const OPSET = 18
/** The IR version that came with opset 18. */
const IR_VERSION = 8

export type Attribute = number | string | readonly number[]

export interface Node {
  op: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: Readonly<Record<string, Attribute>>
}

export interface Initializer {
  name: string
  type: OnnxType
  shape: readonly number[]
  bytes: Uint8Array
}

/** A named graph input or output; a string dimension is symbolic. */
export interface ValueInfo {
  name: string
  type: OnnxType
  shape: readonly (number | string)[]
}

export interface OnnxGraph {
  name: string
  nodes: readonly Node[]
  initializers: readonly Initializer[]
  inputs: readonly ValueInfo[]
  outputs: readonly ValueInfo[]
}

/** Serialises a graph as an ONNX ModelProto. */
export function encodeGraph(graph: OnnxGraph): Uint8Array {
  return encodeModel({
    irVersion: IR_VERSION,
    producerName: 'auscult',
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name: graph.name,
      node: graph.nodes.map((node, i) => ({
        name: `${node.op}_${i}`,
        opType: node.op,
        input: [...node.inputs],
        output: [...node.outputs],
        attribute: Object.entries(node.attributes).map(encodeAttribute),
      })),
      initializer: graph.initializers.map(({ name, type, shape, bytes }) => ({
        name,
        dims: [...shape],
        dataType: ONNX_TYPE[type],
        rawData: bytes,
      })),
      input: graph.inputs.map(encodeValueInfo),
      output: graph.outputs.map(encodeValueInfo),
    },
  })
}

function encodeAttribute([name, value]: [string, Attribute]) {
  if (typeof value === 'string') return { name, type: ATTRIBUTE.string, s: Buffer.from(value) }
  if (typeof value === 'number') {
    return Number.isInteger(value) && !FLOAT_ATTRIBUTES.has(name)
      ? { name, type: ATTRIBUTE.int, i: value }
      : { name, type: ATTRIBUTE.float, f: value }
  }
  return { name, type: ATTRIBUTE.ints, ints: [...value] }
}

/** Attributes that are floats even where their value is whole. */
const FLOAT_ATTRIBUTES = new Set(['alpha', 'beta', 'epsilon'])

function encodeValueInfo({ name, type, shape }: ValueInfo) {
  const dim = shape.map(d => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }))
  return { name, type: { tensorType: { elemType: ONNX_TYPE[type], shape: { dim } } } }
}
