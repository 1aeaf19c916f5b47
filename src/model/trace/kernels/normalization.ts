import type { TensorInfo, Tracer } from '../tracer.ts'
import { binary, elementwise, unary } from './elementwise.ts'
import type { Kernels } from './kernel.ts'

export const normalizations: Kernels = {
  /** (x − mean) / √(variance + ε) × scale + offset, folded to one multiplication and one addition per element. */
  FusedBatchNorm: (t: Tracer, { x, mean, variance, scale, offset }, { varianceEpsilon }) => {
    const spread = unary(t, binary(t, variance, t.filled(varianceEpsilon ?? 1e-3, []), 'Add'), 'Sqrt')
    const factor = scale ? binary(t, scale, spread, 'Div') : unary(t, spread, 'Reciprocal')
    const shift = binary(t, mean, factor, 'Mul')
    const bias = offset ? binary(t, offset, shift, 'Sub') : unary(t, shift, 'Neg')
    const scaled = elementwise.Multiply(t, { a: x, b: factor }, {}) as TensorInfo
    return elementwise.Add(t, { a: scaled, b: bias }, {})
  },
}
