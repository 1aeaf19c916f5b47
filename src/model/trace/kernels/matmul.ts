import { samePerm } from '../layout.ts'
import type { TensorInfo, Tracer } from '../tracer.ts'
import { fusedActivation } from './activation.ts'
import { binary } from './elementwise.ts'
import { backend_util, type Kernels, product } from './kernel.ts'
import { reshape } from './shape.ts'

const SWAPPED = [1, 0]

/** A matrix as it lies, and whether it must be read transposed. */
function matrix(t: Tracer, x: TensorInfo, transpose: boolean): { value: string; transpose: number } {
  const flat = x.shape.length === 2 ? x : reshape(t, x, x.shape.slice(-2))
  const swapped = samePerm(t.permOf(flat), SWAPPED)
  return { value: t.raw(flat), transpose: transpose !== swapped ? 1 : 0 }
}

interface Product {
  a: TensorInfo
  b: TensorInfo
  transposeA: boolean
  transposeB: boolean
  bias?: TensorInfo
}

/** One matrix product, with a bias row where there is one. */
function gemm(t: Tracer, { a, b, transposeA, transposeB, bias }: Product): TensorInfo {
  const [left, right] = [matrix(t, a, transposeA), matrix(t, b, transposeB)]
  const rows = a.shape.at(transposeA ? -1 : -2)!
  const columns = b.shape.at(transposeB ? -2 : -1)!
  const inputs = [left.value, right.value, ...(bias ? [t.value(bias)] : [])]
  const y = t.node('Gemm', inputs, { transA: left.transpose, transB: right.transpose })
  return t.tensor(y, [rows, columns])
}

/** A product for each index of the leading axes, which broadcast. */
function batched(t: Tracer, { a, b, transposeA, transposeB }: Product): TensorInfo {
  const operand = (x: TensorInfo, transpose: boolean) => {
    if (!transpose) return t.value(x)
    const order = x.shape.map((_, i) => i)
    order.push(...order.splice(-2, 2).reverse())
    return t.value(x, order)
  }
  const lead = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  const shape = [...lead, a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!]
  return t.tensor(t.node('MatMul', [operand(a, transposeA), operand(b, transposeB)]), shape)
}

function multiply(t: Tracer, operands: Product): TensorInfo {
  const { a, b, bias } = operands
  const leading = (x: TensorInfo) => product(x.shape.slice(0, -2))
  if (leading(a) === 1 && leading(b) === 1) {
    const y = gemm(t, operands)
    const rank = Math.max(a.shape.length, b.shape.length)
    return rank === 2 ? y : reshape(t, y, [...Array(rank - 2).fill(1), ...y.shape])
  }
  const y = batched(t, operands)
  return bias ? binary(t, y, bias, 'Add') : y
}

export const matmuls: Kernels = {
  BatchMatMul: (t, { a, b }, { transposeA, transposeB }) => multiply(t, { a, b, transposeA, transposeB }),
  _FusedMatMul: (t, { a, b, bias, preluActivationWeights }, { transposeA, transposeB, activation, leakyreluAlpha }) => {
    if (preluActivationWeights) t.unsupported('_FusedMatMul', [a], 'with a PReLU has no ONNX kernel')
    return fusedActivation(t, multiply(t, { a, b, bias, transposeA, transposeB }), activation, leakyreluAlpha)
  },
}
