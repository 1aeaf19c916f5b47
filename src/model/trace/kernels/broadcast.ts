import { identity, type Perm, permute, samePerm } from '../layout.ts'
import type { TensorInfo, Tracer } from '../tracer.ts'
import { backend_util, equalShapes, product } from './kernel.ts'

export interface Operands {
  a: string
  b: string
  shape: number[]
  perm: Perm
}

/**
 * Brings the two operands of an element-wise operation to one physical order (that of the larger one, so that it need not be
 * transposed) with shapes that broadcast by ONNX's rules.
 */
export function align(t: Tracer, a: TensorInfo, b: TensorInfo): Operands {
  const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape)
  const lead = leads(t, a, b, shape.length) ? a : b
  const perm = lead.shape.length === shape.length ? t.permOf(lead) : identity(shape.length)
  const alone = (other: TensorInfo) => !equalShapes(other.shape, shape) || t.constantOf(other) !== undefined
  return { a: inOrder(t, a, perm, shape, alone(b)), b: inOrder(t, b, perm, shape, alone(a)), shape, perm }
}

function leads(t: Tracer, a: TensorInfo, b: TensorInfo, rank: number): boolean {
  if (a.shape.length !== b.shape.length) return a.shape.length === rank
  const [sizeA, sizeB] = [product(a.shape), product(b.shape)]
  return sizeA === sizeB ? t.constantOf(a) === undefined : sizeA > sizeB
}

/**
 * The operand in order `perm` of `shape`, to which it broadcasts. A number that fills a tensor stays a scalar, unless no other
 * operand has the full shape (`whole`).
 */
export function inOrder(t: Tracer, x: TensorInfo, perm: Perm, shape: readonly number[], whole = false): string {
  const constant = t.constantOf(x)
  if (constant !== undefined && x.dtype === 'float32' && !whole) return t.graph.scalar(constant)
  const rank = shape.length
  const padded = [...Array(rank - x.shape.length).fill(1), ...x.shape]
  const order = samePerm(perm, identity(rank))
  if (x.shape.length === rank) return t.value(x, perm)
  // A vector along one axis can be laid along that axis's physical place by a reshape.
  if (padded.filter(n => n !== 1).length <= 1 && !order) return t.reshape(t.value(x), permute(padded, perm))
  return order ? t.value(x) : t.node('Transpose', [t.reshape(t.value(x), padded)], { perm: [...perm] })
}

/** `f` of two numbers when both operands are filled with one, else undefined. */
export function fold(
  t: Tracer,
  a: TensorInfo,
  b: TensorInfo,
  f: (a: number, b: number) => number,
): TensorInfo | undefined {
  const [x, y] = [t.constantOf(a), t.constantOf(b)]
  if (x === undefined || y === undefined) return undefined
  return t.filled(f(x, y), backend_util.assertAndGetBroadcastShape(a.shape, b.shape))
}

/** The tensor itself when broadcasting against `other` does not enlarge it. */
export function unchanged(t: Tracer, x: TensorInfo, other: TensorInfo): TensorInfo | undefined {
  return equalShapes(backend_util.assertAndGetBroadcastShape(x.shape, other.shape), x.shape) ? t.alias(x) : undefined
}
