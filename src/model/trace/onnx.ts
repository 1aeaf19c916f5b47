/**
 * Writes ONNX models. The schema holds the fields of onnx.proto3 that Auscult uses, with their official numbers
 * (https://onnx.ai/onnx/api/classes.html); protobufjs does the encoding.
 */
import protobuf from 'protobufjs/light.js'

/** TensorProto.DataType */
export const ONNX_TYPE = { float32: 1, int32: 6, int64: 7, bool: 9 } as const
export type OnnxType = keyof typeof ONNX_TYPE

/** AttributeProto.AttributeType */
const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 } as const

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

const message = (fields: Record<string, [id: number, type: string, rule?: string]>) => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, [id, type, rule]]) => [name, rule ? { id, type, rule } : { id, type }]),
  ),
})

const root = protobuf.Root.fromJSON({
  nested: {
    Dimension: message({ dimValue: [1, 'int64'], dimParam: [2, 'string'] }),
    Shape: message({ dim: [1, 'Dimension', 'repeated'] }),
    TensorType: message({ elemType: [1, 'int32'], shape: [2, 'Shape'] }),
    Type: message({ tensorType: [1, 'TensorType'] }),
    ValueInfo: message({ name: [1, 'string'], type: [2, 'Type'] }),
    Tensor: message({
      dims: [1, 'int64', 'repeated'],
      dataType: [2, 'int32'],
      name: [8, 'string'],
      rawData: [9, 'bytes'],
    }),
    Attribute: message({
      name: [1, 'string'],
      f: [2, 'float'],
      i: [3, 'int64'],
      s: [4, 'bytes'],
      ints: [8, 'int64', 'repeated'],
      type: [20, 'int32'],
    }),
    Node: message({
      input: [1, 'string', 'repeated'],
      output: [2, 'string', 'repeated'],
      name: [3, 'string'],
      opType: [4, 'string'],
      attribute: [5, 'Attribute', 'repeated'],
    }),
    Graph: message({
      node: [1, 'Node', 'repeated'],
      name: [2, 'string'],
      initializer: [5, 'Tensor', 'repeated'],
      input: [11, 'ValueInfo', 'repeated'],
      output: [12, 'ValueInfo', 'repeated'],
    }),
    OperatorSet: message({ domain: [1, 'string'], version: [2, 'int64'] }),
    Model: message({
      irVersion: [1, 'int64'],
      producerName: [2, 'string'],
      graph: [7, 'Graph'],
      opsetImport: [8, 'OperatorSet', 'repeated'],
    }),
  },
})
const Model = root.lookupType('Model')

/** Serialises a graph as an ONNX ModelProto. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  return Model.encode({
    irVersion: IR_VERSION,
    producerName: 'auscult',
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name: graph.name,
      node: graph.nodes.map((node, i) => ({
        name: `${node.op}_${i}`,
        opType: node.op,
        input: node.inputs,
        output: node.outputs,
        attribute: Object.entries(node.attributes).map(encodeAttribute),
      })),
      initializer: graph.initializers.map(({ name, type, shape, bytes }) => ({
        name,
        dims: shape,
        dataType: ONNX_TYPE[type],
        rawData: bytes,
      })),
      input: graph.inputs.map(encodeValueInfo),
      output: graph.outputs.map(encodeValueInfo),
    },
  }).finish()
}

function encodeAttribute([name, value]: [string, Attribute]) {
  if (typeof value === 'string') return { name, type: ATTRIBUTE.string, s: Buffer.from(value) }
  if (typeof value === 'number') {
    return Number.isInteger(value) && !FLOAT_ATTRIBUTES.has(name)
      ? { name, type: ATTRIBUTE.int, i: value }
      : { name, type: ATTRIBUTE.float, f: value }
  }
  return { name, type: ATTRIBUTE.ints, ints: value }
}

/** Attributes that are floats even where their value is whole. */
const FLOAT_ATTRIBUTES = new Set(['alpha', 'beta', 'epsilon'])

function encodeValueInfo({ name, type, shape }: ValueInfo) {
  const dim = shape.map(d => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }))
  return { name, type: { tensorType: { elemType: ONNX_TYPE[type], shape: { dim } } } }
}
