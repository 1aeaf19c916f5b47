import { isIdentity, permute } from '../layout.ts'
import type { TensorInfo, Tracer } from '../tracer.ts'
import { elementwise } from './elementwise.ts'
import { type Kernel, type Kernels, product, util } from './kernel.ts'
import { reshape } from './shape.ts'

/** Reduces over logical axes, in the physical order at hand. */
function reduce(t: Tracer, x: TensorInfo, op: string, axis: number | number[], keepDims: boolean): TensorInfo {
  const axes = util.parseAxisParam(axis, x.shape)
  if (axes.length === 0) return t.alias(x)
  const overBatch = t.batch && axes.some(a => x.shape[a] % t.batch!.size === 0)
  if (overBatch) t.unsupported(op, [x], 'reduces over the batch, which has no fixed size in this graph')
  const perm = t.permOf(x)
  const physical = axes.map(a => perm.indexOf(a)).sort((a, b) => a - b)
  if (op === 'ReduceSum' && isColumnSum(t, x, axes)) return columnSum(t, x, keepDims)
  const y = t.node(op, [t.raw(x), t.graph.ints64(physical)], { keepdims: keepDims ? 1 : 0 })
  if (keepDims) {
    const shape = x.shape.map((n, i) => (axes.includes(i) ? 1 : n))
    return t.tensor(y, shape, x.dtype, perm)
  }
  const kept = x.shape.map((_, i) => i).filter(i => !axes.includes(i))
  const order = perm.filter(a => !axes.includes(a)).map(a => kept.indexOf(a))
  return t.tensor(y, permute(x.shape, kept), x.dtype, order)
}

const isColumnSum = (t: Tracer, x: TensorInfo, axes: readonly number[]): boolean =>
  x.dtype === 'float32' && x.shape.length === 2 && axes.length === 1 && axes[0] === 0 && isIdentity(t.permOf(x))

/** A row of ones times the matrix: on two threads twice as fast as ReduceSum, which hands tiny pieces to its threads. */
function columnSum(t: Tracer, x: TensorInfo, keepDims: boolean): TensorInfo {
  const [rows, columns] = x.shape
  const ones = t.value(t.filled(1, [1, rows]))
  const row = t.tensor(t.node('Gemm', [ones, t.raw(x)]), [1, columns])
  return keepDims ? row : reshape(t, row, [columns])
}

/** A sum and one multiplication of the result: ONNX Runtime's ReduceMean takes four times as long as its ReduceSum over columns. */
function mean(t: Tracer, x: TensorInfo, axis: number | number[], keepDims: boolean): TensorInfo {
  const count = product(util.parseAxisParam(axis, x.shape).map(a => x.shape[a]))
  const sum = reduce(t, x, 'ReduceSum', axis, keepDims)
  return count === 1 ? sum : (elementwise.Multiply(t, { a: sum, b: t.filled(1 / count, []) }, {}) as TensorInfo)
}

const reduction =
  (op: string): Kernel =>
  (t, { x }, { axis, keepDims }) =>
    reduce(t, x, op, axis, keepDims)

const argument =
  (op: string): Kernel =>
  (t, { x }, { axis }) => {
    const [a] = util.parseAxisParam(axis, x.shape)
    const y = t.node(op, [t.value(x)], { axis: a, keepdims: 0 })
    return t.tensor(
      t.node('Cast', [y], { to: 6 }),
      x.shape.filter((_: number, i: number) => i !== a),
      'int32',
    )
  }

export const reductions: Kernels = {
  Sum: (t, { x }, { axis, keepDims }) => {
    const constant = t.constantOf(x)
    const axes = util.parseAxisParam(axis, x.shape)
    if (constant === undefined) return reduce(t, x, 'ReduceSum', axis, keepDims)
    const shape = x.shape.map((n: number, i: number) => (axes.includes(i) ? 1 : n))
    const count = product(axes.map(a => x.shape[a]))
    return t.filled(constant * count, keepDims ? shape : shape.filter((_: number, i: number) => !axes.includes(i)))
  },
  Mean: (t, { x }, { axis, keepDims }) => mean(t, x, axis, keepDims),
  Max: (t, { x }, { reductionIndices, keepDims }) => reduce(t, x, 'ReduceMax', reductionIndices, keepDims),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  All: (t, { x }, { axis, keepDims }) => boolReduction(t, x, 'ReduceMin', axis, keepDims),
  Any: (t, { x }, { axis, keepDims }) => boolReduction(t, x, 'ReduceMax', axis, keepDims),
  ArgMax: argument('ArgMax'),
  ArgMin: argument('ArgMin'),
}

function boolReduction(t: Tracer, x: TensorInfo, op: string, axis: number[], keepDims: boolean): TensorInfo {
  const numbers = t.tensor(t.node('Cast', [t.raw(x)], { to: 6 }), x.shape, 'int32', t.permOf(x))
  const y = reduce(t, numbers, op, axis, keepDims)
  return t.tensor(t.node('Cast', [t.raw(y)], { to: 9 }), y.shape, 'bool', t.permOf(y))
}
