import { ONNX_TYPE, type OnnxType, type TensorProto } from './model.ts'

/** Whether a tensor's 32-bit floats are in the model itself. */
export const holdsFloats = ({ dataType, dataLocation }: TensorProto): boolean =>
  dataType === ONNX_TYPE.float32 && !dataLocation

/** Values of a tensor with 32-bit floats; undefined where it holds something else, or lies beside the model. */
export function floatsOf(tensor: TensorProto): Float32Array | undefined {
  if (!holdsFloats(tensor)) return undefined
  if (tensor.rawData?.length) return new Float32Array(new Uint8Array(tensor.rawData).buffer)
  return Float32Array.from(tensor.floatData ?? [])
}

/** Values of a tensor with 64-bit integers. */
export function intsOf(tensor: TensorProto): number[] | undefined {
  if (tensor.dataType !== ONNX_TYPE.int64 || tensor.dataLocation) return undefined
  if (!tensor.rawData?.length) return tensor.int64Data ?? []
  return Array.from(new BigInt64Array(new Uint8Array(tensor.rawData).buffer), Number)
}

/** A constant of a graph. `data` is kept, not copied. */
export function constant(name: string, type: OnnxType, dims: readonly number[], data: ArrayBufferView): TensorProto {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return { name, dims: [...dims], dataType: ONNX_TYPE[type], rawData }
}

export const dimsOf = (tensor: TensorProto): readonly number[] => tensor.dims ?? []
