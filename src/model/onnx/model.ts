import { AuscultError, messageOf } from '../../errors.ts'
import { Model } from './schema.ts'

/** TensorProto.DataType, as far as models of this kind use it. */
export const ONNX_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
} as const
export type OnnxType = keyof typeof ONNX_TYPE

/** AttributeProto.AttributeType */
export const ATTRIBUTE = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const

/** TensorProto. Its values are in `rawData` (little-endian) or in the list of their type, or beside the model (`externalData`). */
export interface TensorProto {
  name?: string
  dims?: number[]
  dataType: number
  rawData?: Uint8Array
  floatData?: number[]
  int32Data?: number[]
  int64Data?: number[]
  doubleData?: number[]
  dataLocation?: number
  externalData?: { key: string; value: string }[]
}

export interface AttributeProto {
  name: string
  type?: number
  f?: number
  i?: number
  s?: Uint8Array
  t?: TensorProto
  g?: GraphProto
  floats?: number[]
  ints?: number[]
  strings?: Uint8Array[]
}

export interface NodeProto {
  input?: string[]
  output?: string[]
  name?: string
  opType: string
  domain?: string
  attribute?: AttributeProto[]
}

export interface ValueInfoProto {
  name: string
  type?: { tensorType?: { elemType: number; shape?: { dim?: { dimValue?: number; dimParam?: string }[] } } }
}

export interface GraphProto {
  name?: string
  node: NodeProto[]
  initializer?: TensorProto[]
  input: ValueInfoProto[]
  output: ValueInfoProto[]
  valueInfo?: ValueInfoProto[]
}

/** ModelProto. Fields that are not named here are kept when a model is read and written again. */
export interface ModelProto {
  irVersion: number
  producerName?: string
  producerVersion?: string
  graph: GraphProto
  opsetImport: { domain?: string; version: number }[]
  functions?: { node: NodeProto[] }[]
}

/** @param at where the model is, for the error. @throws AUSCULT_BUNDLE when the bytes are no ONNX model */
export function decodeModel(bytes: Uint8Array, at: string): ModelProto {
  try {
    const model = Model.toObject(Model.decode(bytes), { longs: Number, arrays: false }) as ModelProto
    if (!model.graph?.node?.length) throw new Error('it holds no graph')
    return { ...model, graph: { ...model.graph, input: model.graph.input ?? [], output: model.graph.output ?? [] } }
  } catch (cause) {
    throw new AuscultError('AUSCULT_BUNDLE', `this is no ONNX model: ${messageOf(cause)}`, { at, cause })
  }
}

export const encodeModel = (model: ModelProto): Uint8Array => Model.encode(Model.fromObject(model)).finish()
