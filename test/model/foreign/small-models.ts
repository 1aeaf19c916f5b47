import { type ModelProto, type NodeProto, ONNX_TYPE } from '../../../src/model/onnx/model.ts'
import { constant } from '../../../src/model/onnx/tensors.ts'

interface SmallOptions {
  input?: readonly (number | string)[]
  /** TensorProto.DataType of the input. */
  type?: number
  opset?: number
}

const info = (name: string, dims: readonly (number | string)[], elemType: number = ONNX_TYPE.float32) => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: { dim: dims.map(n => (typeof n === 'number' ? { dimValue: n } : { dimParam: n })) },
    },
  },
})

/** A model from `x` to `y` of these nodes, with constants of one value each. */
export function smallModel(
  node: NodeProto[],
  { input = ['n', 4], type, opset = 17 }: SmallOptions = {},
  constants: Record<string, { dims: number[]; values: number[] }> = {},
): ModelProto {
  return {
    irVersion: 8,
    producerName: 'test',
    opsetImport: [{ version: opset }],
    graph: {
      name: 'g',
      node,
      input: [info('x', input, type)],
      output: [info('y', input)],
      initializer: Object.entries(constants).map(([name, { dims, values }]) =>
        constant(name, 'float32', dims, Float32Array.from(values)),
      ),
    },
  }
}

/** `y = decoder(encoder(x))` of 4 values, 2 between: x₀ + x₁ and x₂ + x₃, each given to two. */
export const pairs = (options: SmallOptions = {}, names = { latent: 'z' }): ModelProto =>
  smallModel(
    [
      { opType: 'MatMul', input: ['x', 'w'], output: [names.latent] },
      { opType: 'MatMul', input: [names.latent, 'v'], output: ['y'] },
    ],
    options,
    {
      w: { dims: [4, 2], values: [1, 0, 1, 0, 0, 1, 0, 1] },
      v: { dims: [2, 4], values: [1, 1, 0, 0, 0, 0, 1, 1] },
    },
  )
