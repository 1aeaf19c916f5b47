import type { TensorInfo, Tracer } from '../tracer.ts'
import { elementwise, unary } from './elementwise.ts'
import type { Kernels } from './kernel.ts'

const softmax =
  (op: string) =>
  (t: Tracer, { logits }: { logits: TensorInfo }) =>
    t.tensor(t.node(op, [t.value(logits)], { axis: -1 }), logits.shape)

export const activations: Kernels = {
  Relu: (t, { x }) => unary(t, x, 'Relu'),
  Relu6: (t, { x }) => elementwise.ClipByValue(t, { x }, { clipValueMin: 0, clipValueMax: 6 }),
  LeakyRelu: (t, { x }, { alpha }) => unary(t, x, 'LeakyRelu', { alpha }),
  Prelu: (t, { x, alpha }) => t.tensor(t.node('PRelu', [t.value(x), t.value(alpha)]), x.shape),
  Elu: (t, { x }) => unary(t, x, 'Elu', { alpha: 1 }),
  // The derivative at y = elu(x) is 1 for y ≥ 0 and y + 1 below.
  EluGrad: (t, { dy, y }) => {
    const below = elementwise.Minimum(t, { a: y, b: t.filled(0, []) }, {}) as TensorInfo
    const slope = elementwise.Add(t, { a: below, b: t.filled(1, []) }, {}) as TensorInfo
    return elementwise.Multiply(t, { a: dy, b: slope }, {})
  },
  Sigmoid: (t, { x }) => unary(t, x, 'Sigmoid'),
  Tanh: (t, { x }) => unary(t, x, 'Tanh'),
  Softplus: (t, { x }) => unary(t, x, 'Softplus'),
  Softmax: softmax('Softmax'),
  LogSoftmax: softmax('LogSoftmax'),
}

/**
 * Applies the activation that TensorFlow.js fused into a matrix product or convolution.
 * @param value lies in the order of `like`
 */
export function fusedActivation(
  t: Tracer,
  y: TensorInfo,
  name: string | undefined,
  leakyreluAlpha?: number,
): TensorInfo {
  if (!name || name === 'linear') return y
  if (name === 'leakyrelu') return unary(t, y, 'LeakyRelu', { alpha: leakyreluAlpha ?? 0.2 })
  const kernel = { relu: 'Relu', relu6: 'Relu6', elu: 'Elu', sigmoid: 'Sigmoid' }[name]
  return kernel ? (activations[kernel](t, { x: y }, {}) as TensorInfo) : t.unsupported(`fused activation ${name}`, [y])
}
