import type { Attribute } from '../encode.ts'
import type { TensorInfo, Tracer } from '../tracer.ts'
import { align, fold, inOrder, unchanged } from './broadcast.ts'
import { backend_util, equalShapes, type Kernel, type Kernels, list } from './kernel.ts'

/** One node on one input, in whatever order the input lies. */
export function unary(
  t: Tracer,
  x: TensorInfo,
  op: string,
  attributes?: Record<string, Attribute>,
  dtype = x.dtype,
): TensorInfo {
  return t.tensor(t.node(op, [t.raw(x)], attributes), x.shape, dtype, t.permOf(x))
}

/** One node on two inputs that broadcast. */
export function binary(t: Tracer, a: TensorInfo, b: TensorInfo, op: string, dtype = a.dtype): TensorInfo {
  const operands = align(t, a, b)
  return t.tensor(t.node(op, [operands.a, operands.b]), operands.shape, dtype, operands.perm)
}

const multiply = (t: Tracer, a: TensorInfo, b: TensorInfo): TensorInfo => {
  if (t.constantOf(b) === 1) return unchanged(t, a, b) ?? binary(t, a, b, 'Mul')
  if (t.constantOf(a) === 1) return unchanged(t, b, a) ?? binary(t, a, b, 'Mul')
  return fold(t, a, b, (x, y) => x * y) ?? binary(t, a, b, 'Mul')
}

const add = (t: Tracer, a: TensorInfo, b: TensorInfo): TensorInfo => {
  if (t.constantOf(b) === 0) return unchanged(t, a, b) ?? binary(t, a, b, 'Add')
  if (t.constantOf(a) === 0) return unchanged(t, b, a) ?? binary(t, a, b, 'Add')
  return fold(t, a, b, (x, y) => x + y) ?? addBias(t, a, b) ?? binary(t, a, b, 'Add')
}

/** TensorFlow.js has no transposed convolution with a bias; ONNX has. */
function addBias(t: Tracer, x: TensorInfo, bias: TensorInfo): TensorInfo | undefined {
  const { withBias } = t.entry(x)
  if (!withBias || bias.shape.length !== 1 || bias.shape[0] !== x.shape.at(-1)) return undefined
  return t.tensor(withBias(t.value(bias)), x.shape, x.dtype, t.permOf(x))
}

const subtract = (t: Tracer, a: TensorInfo, b: TensorInfo): TensorInfo =>
  (t.constantOf(b) === 0 ? unchanged(t, a, b) : undefined) ?? fold(t, a, b, (x, y) => x - y) ?? binary(t, a, b, 'Sub')

const divide = (t: Tracer, a: TensorInfo, b: TensorInfo): TensorInfo => {
  const divisor = t.constantOf(b)
  if (divisor === 1) return unchanged(t, a, b) ?? binary(t, a, b, 'Div')
  return fold(t, a, b, (x, y) => x / y) ?? binary(t, a, b, 'Div')
}

const binaryKernel =
  (op: string): Kernel =>
  (t, { a, b }) =>
    binary(t, a, b, op)

const unaryKernel =
  (op: string): Kernel =>
  (t, { x }) =>
    unary(t, x, op)

const scalarAs = (t: Tracer, x: TensorInfo, value: number) =>
  x.dtype === 'int32' ? t.graph.ints32([value], []) : t.graph.scalar(value)

/** x with a scalar as the second input of a node. */
const withScalar = (t: Tracer, x: TensorInfo, op: string, value: number, dtype = x.dtype): TensorInfo =>
  t.tensor(t.node(op, [t.raw(x), scalarAs(t, x, value)]), x.shape, dtype, t.permOf(x))

export const elementwise: Kernels = {
  Add: (t, { a, b }) => add(t, a, b),
  AddN: (t, inputs) => {
    const [first, ...rest] = list(inputs)
    const perm = t.permOf(first)
    const values = rest.map(x => inOrder(t, x, perm, first.shape))
    return t.tensor(t.node('Sum', [t.raw(first), ...values]), first.shape, first.dtype, perm)
  },
  Sub: (t, { a, b }) => subtract(t, a, b),
  Multiply: (t, { a, b }) => multiply(t, a, b),
  RealDiv: (t, { a, b }) => divide(t, a, b),
  FloorDiv: (t, { a, b }) => {
    const quotient = binary(t, a, b, 'Div')
    return quotient.dtype === 'int32' ? quotient : unary(t, quotient, 'Floor')
  },
  Maximum: binaryKernel('Max'),
  Minimum: binaryKernel('Min'),
  Pow: (t, { a, b }) => {
    const exponent = t.constantOf(b)
    if (exponent === 2) return binary(t, a, a, 'Mul')
    if (exponent === 1) return t.alias(a)
    if (exponent === 0.5) return unary(t, a, 'Sqrt')
    return binary(t, a, b, 'Pow')
  },
  SquaredDifference: (t, { a, b }) => {
    const difference = subtract(t, a, b)
    return binary(t, difference, difference, 'Mul')
  },
  Abs: unaryKernel('Abs'),
  Neg: unaryKernel('Neg'),
  Sign: unaryKernel('Sign'),
  Sqrt: unaryKernel('Sqrt'),
  Exp: unaryKernel('Exp'),
  Log: unaryKernel('Log'),
  Floor: unaryKernel('Floor'),
  Ceil: unaryKernel('Ceil'),
  Round: unaryKernel('Round'),
  Reciprocal: unaryKernel('Reciprocal'),
  Sin: unaryKernel('Sin'),
  Cos: unaryKernel('Cos'),
  Erf: unaryKernel('Erf'),
  Square: (t, { x }) => binary(t, x, x, 'Mul'),
  Rsqrt: (t, { x }) => unary(t, unary(t, x, 'Sqrt'), 'Reciprocal'),
  Expm1: (t, { x }) => withScalar(t, unary(t, x, 'Exp'), 'Sub', 1),
  Log1p: (t, { x }) => unary(t, withScalar(t, x, 'Add', 1), 'Log'),
  ClipByValue: (t, { x }, { clipValueMin, clipValueMax }) => {
    const bounds = [scalarAs(t, x, clipValueMin), scalarAs(t, x, clipValueMax)]
    return t.tensor(t.node('Clip', [t.raw(x), ...bounds]), x.shape, x.dtype, t.permOf(x))
  },
  Step: (t, { x }, { alpha }) => {
    const positive = withScalar(t, x, 'Greater', 0, 'bool')
    if (!alpha) return unary(t, positive, 'Cast', { to: 1 }, 'float32')
    const values = [t.graph.scalar(1), t.graph.scalar(alpha)]
    return t.tensor(t.node('Where', [t.raw(positive), ...values]), x.shape, 'float32', t.permOf(x))
  },
}

const comparison =
  (op: string, negate = false): Kernel =>
  (t, { a, b }) => {
    const result = binary(t, a, b, op, 'bool')
    return negate ? unary(t, result, 'Not') : result
  }

export const comparisons: Kernels = {
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  Equal: comparison('Equal'),
  NotEqual: comparison('Equal', true),
  LogicalAnd: comparison('And'),
  LogicalOr: comparison('Or'),
  LogicalNot: (t, { x }) => unary(t, x, 'Not'),
  Select: (t, { condition, t: yes, e: no }) => {
    const shape = backend_util.assertAndGetBroadcastShape(yes.shape, no.shape)
    // tf.where lets a vector choose whole rows.
    const rows = condition.shape.length === 1 && shape.length > 1
    const choice = rows
      ? t.alias(condition, { shape: [condition.shape[0], ...Array(shape.length - 1).fill(1)] })
      : condition
    const perm = t.permOf(t.constantOf(yes) === undefined ? yes : no)
    const where = rows
      ? t.reshape(
          t.value(condition),
          perm.map(axis => choice.shape[axis]),
        )
      : inOrder(t, choice, perm, shape)
    return t.tensor(
      t.node('Where', [
        where,
        inOrder(t, yes, perm, shape, !equalShapes(condition.shape, shape)),
        inOrder(t, no, perm, shape),
      ]),
      shape,
      yes.dtype,
      perm,
    )
  },
}
