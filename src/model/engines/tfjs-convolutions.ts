import { tf } from '../tf.ts'

/** What tfjs-node's backend has that TensorFlow.js's type of a backend does not tell. */
interface NodeBackend {
  readonly binding: Readonly<Record<'TF_ATTR_INT' | 'TF_ATTR_STRING' | 'TF_ATTR_TYPE' | 'TF_FLOAT', number>>
  executeSingleOutput(operation: string, attributes: object[], inputs: tf.Tensor[]): tf.Tensor
}

interface Attributes {
  strides: number | [number, number]
  pad: Parameters<typeof tf.conv2d>[3]
  dimRoundingMode?: 'floor'
  inputShape: [number, number, number, number]
  filterShape: [number, number, number, number]
}

type Shape = [number, number, number, number]
type Info = ReturnType<typeof tf.backend_util.computeConv2DInfo>

/**
 * tfjs-node refuses zero padding in the gradients of convolutions, and so in transposed convolutions; TensorFlow itself computes it.
 * Puts kernels that ask for it in the place of tfjs-node's.
 */
export function replaceConvolutions(backendName: string): void {
  replace(backendName, 'Conv2DBackpropInput', ({ dy, filter }, attrs) => ({
    info: infoOf(attrs.inputShape, filter.shape as Shape, attrs),
    inputs: info => [tf.tensor1d(info.inShape, 'int32'), filter, dy],
  }))
  replace(backendName, 'Conv2DBackpropFilter', ({ x, dy }, attrs) => ({
    info: infoOf(x.shape as Shape, attrs.filterShape, attrs),
    inputs: info => [x, tf.tensor1d(info.filterShape, 'int32'), dy],
  }))
}

type Plan = { info: Info; inputs(info: Info): tf.Tensor[] }

function replace(
  backendName: string,
  kernelName: string,
  plan: (inputs: Record<string, tf.Tensor>, attrs: Attributes) => Plan,
): void {
  const original = tf.getKernel(kernelName, backendName)
  tf.unregisterKernel(kernelName, backendName)
  tf.registerKernel({
    ...original,
    kernelFunc: params => {
      const { info, inputs } = plan(params.inputs as Record<string, tf.Tensor>, params.attrs as unknown as Attributes)
      if (info.padInfo.type !== 'EXPLICIT') return original.kernelFunc(params)
      const tensors = inputs(info)
      const backend = params.backend as NodeBackend
      const result = backend.executeSingleOutput(kernelName, attributesOf(backend.binding, info), tensors)
      for (const tensor of tensors) if (tensor.dtype === 'int32') tensor.dispose()
      return result
    },
  })
}

const infoOf = (input: Shape, filter: Shape, { strides, pad, dimRoundingMode }: Attributes): Info =>
  tf.backend_util.computeConv2DInfo(input, filter, strides, 1, pad, dimRoundingMode)

const attributesOf = (types: NodeBackend['binding'], { strideHeight, strideWidth, padInfo: p }: Info): object[] => [
  { name: 'T', type: types.TF_ATTR_TYPE, value: types.TF_FLOAT },
  { name: 'strides', type: types.TF_ATTR_INT, value: [1, strideHeight, strideWidth, 1] },
  { name: 'padding', type: types.TF_ATTR_STRING, value: 'EXPLICIT' },
  { name: 'explicit_paddings', type: types.TF_ATTR_INT, value: [0, 0, p.top, p.bottom, p.left, p.right, 0, 0] },
  { name: 'data_format', type: types.TF_ATTR_STRING, value: 'NHWC' },
]
