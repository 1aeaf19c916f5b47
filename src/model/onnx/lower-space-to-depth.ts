import { ATTRIBUTE, decodeModel, encodeModel, type NodeProto, ONNX_TYPE, type TensorProto } from './model.ts'

const OPERATOR = 'SpaceToDepth'

/**
 * The model with transpositions in place of `SpaceToDepth`, which WebGPU does not have: ONNX Runtime would compute it on the CPU, and its input
 * and output would cross the bus. Needs no shapes; a model without it comes back as it is.
 */
export function lowerSpaceToDepth(bytes: Uint8Array): Uint8Array {
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(OPERATOR)) return bytes
  const model = decodeModel(bytes, 'the model')
  const constants = new Map<string, TensorProto>()
  const shape = (...dims: readonly number[]): string => {
    const name = `depth/${dims.join()}`
    constants.set(name, { name, dims: [dims.length], dataType: ONNX_TYPE.int64, rawData: int64(dims) })
    return name
  }
  const node = model.graph.node.flatMap(each => (each.opType === OPERATOR ? transposed(each, shape) : [each]))
  const initializer = [...(model.graph.initializer ?? []), ...constants.values()]
  return encodeModel({ ...model, graph: { ...model.graph, node, initializer } })
}

/** `[n, c, h·b, w·b]` to `[n, b·b·c, h, w]`. In a shape 0 keeps the dimension in its place and -1 is what is left. */
function transposed(
  { input, output, attribute }: NodeProto,
  shape: (...dims: readonly number[]) => string,
): NodeProto[] {
  const [from] = input!
  const [to] = output!
  const b = attribute!.find(({ name }) => name === 'blocksize')!.i!
  const steps = ['columns', 'turned', 'blocks', 'last', 'merged'].map(step => `${to}/${step}`)
  const values = [from, ...steps, to]
  const reshape = (k: number, dims: string): NodeProto => ({
    name: `${values[k + 1]}/reshape`,
    opType: 'Reshape',
    input: [values[k], dims],
    output: [values[k + 1]],
  })
  const transpose = (k: number, perm: number[]): NodeProto => ({
    name: `${values[k + 1]}/transpose`,
    opType: 'Transpose',
    input: [values[k]],
    output: [values[k + 1]],
    attribute: [{ name: 'perm', type: ATTRIBUTE.ints, ints: perm }],
  })
  return [
    reshape(0, shape(0, 0, 0, -1, b)),
    transpose(1, [0, 1, 3, 4, 2]),
    reshape(2, shape(0, 0, 0, 0, -1, b)),
    transpose(3, [0, 4, 2, 5, 3, 1]),
    reshape(4, shape(0, 0, 0, -1)),
    transpose(5, [0, 3, 1, 2]),
  ]
}

const int64 = (values: readonly number[]): Uint8Array => new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
