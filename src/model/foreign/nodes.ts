import {
  ATTRIBUTE,
  type AttributeProto,
  type NodeProto,
  ONNX_TYPE,
  type OnnxType,
  type TensorProto,
} from '../onnx/model.ts'
import { constant } from '../onnx/tensors.ts'

/** Values that we add to a model are named like this, so that they meet none of its own. */
export const OURS = 'auscult/'

/** Nodes and constants that are added to a model, in order. */
export class Nodes {
  readonly node: NodeProto[] = []
  readonly constants: TensorProto[] = []
  readonly #opset: number
  readonly #prefix: string
  #count = 0

  /** @param opset version of the standard operators that the model uses */
  constructor(opset: number, prefix = OURS) {
    this.#opset = opset
    this.#prefix = prefix
  }

  /** Adds an operator with one output. @returns its name */
  add(
    opType: string,
    input: readonly string[],
    attribute: AttributeProto[] = [],
    output = this.#fresh(opType),
  ): string {
    this.node.push({ opType, name: output, input: [...input], output: [output], attribute })
    return output
  }

  ints(values: readonly number[]): string {
    return this.#constant('int64', [values.length], BigInt64Array.from(values, BigInt))
  }

  floats(dims: readonly number[], values: Float32Array): string {
    return this.#constant('float32', dims, values)
  }

  scalar(value: number): string {
    return this.floats([], Float32Array.of(value))
  }

  cast(input: string, to: OnnxType, output?: string): string {
    return this.add('Cast', [input], [{ name: 'to', type: ATTRIBUTE.int, i: ONNX_TYPE[to] }], output)
  }

  reshape(input: string, shape: readonly number[], output?: string): string {
    return this.add('Reshape', [input, this.ints(shape)], [], output)
  }

  transpose(input: string, order: readonly number[], output?: string): string {
    if (order.every((axis, i) => axis === i)) return output ? this.add('Identity', [input], [], output) : input
    return this.add('Transpose', [input], [{ name: 'perm', type: ATTRIBUTE.ints, ints: [...order] }], output)
  }

  /** Mean over axis 1: `[n, m] → [n]`. From opset 18 on the axes are an input. */
  mean(input: string, output?: string): string {
    const keep: AttributeProto = { name: 'keepdims', type: ATTRIBUTE.int, i: 0 }
    if (this.#opset >= 18) return this.add('ReduceMean', [input, this.ints([1])], [keep], output)
    return this.add('ReduceMean', [input], [keep, { name: 'axes', type: ATTRIBUTE.ints, ints: [1] }], output)
  }

  #constant(type: OnnxType, dims: readonly number[], values: ArrayBufferView): string {
    const name = this.#fresh('constant')
    this.constants.push(constant(name, type, dims, values))
    return name
  }

  #fresh(what: string): string {
    return `${this.#prefix}${what}${this.#count++}`
  }
}
