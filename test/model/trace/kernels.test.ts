import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tf } from '../../../src/model/tf.ts'
import { KERNELS } from '../../../src/model/trace/kernels/index.ts'
import { expectParity, type Program, values } from '../../helpers/traced.ts'

/** A program that uses one kernel, and the random shapes (and ranges) of its inputs. */
interface Case {
  program: Program
  shapes: fc.Arbitrary<number[][]>
  range?: [number, number]
}

const dim = fc.integer({ min: 1, max: 5 })
const shape = (min = 0, max = 4) => fc.array(dim, { minLength: min, maxLength: max })
const one = (min = 0, max = 4) => shape(min, max).map(s => [s])
/** Two shapes that broadcast: some axes of the second are 1, or leading ones are absent. */
const two = fc
  .tuple(
    shape(1, 4),
    fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    fc.integer({ min: 0, max: 3 }),
    fc.boolean(),
  )
  .map(([a, ones, drop, swap]) => {
    const b = a.map((n, i) => (ones[i] ? 1 : n)).slice(Math.min(drop, a.length))
    return swap ? [b, a] : [a, b]
  })
const square = (s: number[]) => [s, s]

const unary = (f: (x: tf.Tensor) => tf.Tensor, range?: [number, number]): Case => ({ program: f, shapes: one(), range })
const binary = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, range?: [number, number]): Case => ({
  program: f,
  shapes: two,
  range,
})
const reduce = (f: (x: tf.Tensor, axis: number[], keepDims: boolean) => tf.Tensor): Case => ({
  program: x => [
    f(x, [0], false),
    f(x, [x.rank - 1], true),
    f(x, [], false),
    f(
      x,
      x.shape.map((_, i) => i),
      false,
    ),
  ],
  shapes: one(1, 4),
})
const image = fc
  .tuple(dim, fc.integer({ min: 5, max: 9 }), fc.integer({ min: 5, max: 9 }), dim, dim, fc.integer({ min: 1, max: 4 }))
  .map(([n, h, w, c, o, k]) => [
    [n, h, w, c],
    [k, k, c, o],
  ])
type T4 = tf.Tensor4D
const positiveRange: [number, number] = [0.1, 3]

const CASES: Record<string, Case> = {
  Add: binary(tf.add),
  AddN: { program: (a, b, c) => tf.addN([a, b, c]), shapes: shape().map(s => [s, s, s]) },
  Sub: binary(tf.sub),
  Multiply: binary(tf.mul),
  RealDiv: binary(tf.div, positiveRange),
  FloorDiv: binary(tf.floorDiv, positiveRange),
  Maximum: binary(tf.maximum),
  Minimum: binary(tf.minimum),
  Pow: {
    program: (a, b) => [tf.pow(a, b), tf.pow(a, 2), tf.pow(a, 0.5), tf.pow(a, 1)],
    shapes: two,
    range: positiveRange,
  },
  SquaredDifference: binary(tf.squaredDifference),
  Abs: unary(tf.abs),
  Neg: unary(tf.neg),
  Sign: unary(tf.sign),
  Sqrt: unary(tf.sqrt, positiveRange),
  Rsqrt: unary(tf.rsqrt, positiveRange),
  Exp: unary(tf.exp),
  Expm1: unary(tf.expm1),
  Log: unary(tf.log, positiveRange),
  Log1p: unary(tf.log1p, positiveRange),
  Floor: unary(tf.floor),
  Ceil: unary(tf.ceil),
  Round: unary(tf.round),
  Reciprocal: unary(tf.reciprocal, positiveRange),
  Sin: unary(tf.sin),
  Cos: unary(tf.cos),
  Erf: unary(tf.erf),
  Square: unary(tf.square),
  ClipByValue: unary(x => tf.clipByValue(x, -0.5, 0.7)),
  Step: { program: x => [tf.step(x), tf.step(x, 0.3)], shapes: one() },
  Greater: binary(tf.greater),
  GreaterEqual: binary(tf.greaterEqual),
  Less: binary(tf.less),
  LessEqual: binary(tf.lessEqual),
  Equal: binary((a, b) => tf.equal(tf.round(a), tf.round(b))),
  NotEqual: binary((a, b) => tf.notEqual(tf.round(a), tf.round(b))),
  LogicalAnd: binary((a, b) => tf.logicalAnd(tf.greater(a, 0), tf.greater(b, 0))),
  LogicalOr: binary((a, b) => tf.logicalOr(tf.greater(a, 0), tf.greater(b, 0))),
  LogicalNot: unary(x => tf.logicalNot(tf.greater(x, 0))),
  Select: {
    program: (a, b) => tf.where(tf.greater(a, b), a, b),
    shapes: shape(1).map(square),
  },
  Relu: unary(tf.relu),
  Relu6: unary(tf.relu6, [-8, 8]),
  LeakyRelu: unary(x => tf.leakyRelu(x, 0.3)),
  Prelu: { program: (x, alpha) => tf.prelu(x, alpha), shapes: shape(1).map(s => [s, [s.at(-1)!]]) },
  Elu: unary(tf.elu),
  EluGrad: unary(x => tf.grad(y => tf.elu(y))(x)),
  Sigmoid: unary(tf.sigmoid),
  Tanh: unary(tf.tanh),
  Softplus: unary(tf.softplus),
  Softmax: { program: x => tf.softmax(x), shapes: one(1) },
  LogSoftmax: { program: x => tf.logSoftmax(x), shapes: one(1) },
  Sum: reduce((x, axis, keep) => tf.sum(x, axis, keep)),
  Mean: reduce((x, axis, keep) => tf.mean(x, axis.length ? axis : undefined, keep)),
  Max: reduce((x, axis, keep) => tf.max(x, axis.length ? axis : undefined, keep)),
  Min: reduce((x, axis, keep) => tf.min(x, axis.length ? axis : undefined, keep)),
  Prod: reduce((x, axis, keep) => tf.prod(x, axis.length ? axis : undefined, keep)),
  All: { program: x => tf.all(tf.greater(x, -1), [0]), shapes: one(1) },
  Any: { program: x => tf.any(tf.greater(x, 1), [0]), shapes: one(1) },
  ArgMax: { program: x => tf.argMax(x, -1), shapes: one(1) },
  ArgMin: { program: x => tf.argMin(x, 0), shapes: one(1) },
  Identity: unary(x => tf.add(x.clone(), x)),
  Cast: unary(x => tf.cast(tf.cast(tf.greater(x, 0), 'int32'), 'float32')),
  Reshape: { program: x => tf.reshape(tf.transpose(x), [-1]), shapes: one(1) },
  ExpandDims: { program: x => [tf.expandDims(x, 0), tf.expandDims(x, -1)], shapes: one(1, 3) },
  Transpose: { program: x => tf.add(tf.transpose(x), 1), shapes: one(1) },
  Fill: unary(x => tf.add(x, tf.fill([2, ...x.shape], 3))),
  ZerosLike: unary(x => tf.sub(tf.zerosLike(x), x)),
  OnesLike: unary(x => tf.mul(tf.onesLike(x), x)),
  Slice: { program: x => tf.slice(tf.transpose(x), x.shape.map(n => n >> 1).reverse()), shapes: one(1) },
  StridedSlice: { program: x => tf.stridedSlice(x, [0, 1], [3, 4], [2, 1]), shapes: fc.constant([[4, 5, 2]]) },
  PadV2: {
    program: x =>
      tf.pad(
        x,
        x.shape.map((_, i) => [i, 1]),
        0.5,
      ),
    shapes: one(1),
  },
  Concat: {
    program: (a, b) => [tf.concat([a, b], 0), tf.concat([tf.transpose(a), tf.transpose(b)], -1)],
    shapes: shape(1).map(square),
  },
  Pack: { program: (a, b) => [tf.stack([a, b], 0), tf.stack([a, b], a.rank)], shapes: shape(0, 3).map(square) },
  Unpack: { program: x => [...tf.unstack(x, 0), ...tf.unstack(x, x.rank - 1)], shapes: one(1) },
  SplitV: {
    program: x => tf.split(x, [1, -1], 0),
    shapes: fc.tuple(fc.integer({ min: 2, max: 5 }), dim).map(s => [s]),
  },
  Tile: {
    program: x =>
      tf.tile(
        x,
        x.shape.map((_, i) => i + 1),
      ),
    shapes: one(1),
  },
  BroadcastTo: { program: x => tf.broadcastTo(x, [3, ...x.shape]), shapes: one(0, 3) },
  Reverse: { program: x => tf.reverse(x, [0]), shapes: one(1) },
  GatherV2: { program: x => tf.gather(x, tf.tensor1d([0, x.shape[0] - 1, 0], 'int32'), 0), shapes: one(1) },
  GatherNd: {
    program: x =>
      tf.gatherND(
        x,
        tf.tensor2d(
          [
            [0, 1],
            [1, 0],
          ],
          [2, 2],
          'int32',
        ),
      ),
    shapes: fc.constant([[2, 3, 2]]),
  },
  ScatterNd: {
    program: x => tf.scatterND(tf.tensor2d([[3], [0]], [2, 1], 'int32'), x, [5, 3]),
    shapes: fc.constant([[2, 3]]),
  },
  UnsortedSegmentSum: {
    program: x => tf.unsortedSegmentSum(x, tf.tensor1d([1, 0, 1], 'int32'), 2),
    shapes: dim.map(n => [[3, n]]),
  },
  OneHot: { program: x => tf.oneHot(tf.cast(tf.argMax(x, -1), 'int32'), 6, 2, -1), shapes: one(2, 2) },
  BatchMatMul: {
    program: (a, b) => [
      tf.matMul(a, b),
      tf.matMul(tf.transpose(a, [0, 2, 1]), b, true),
      tf.matMul(a, tf.transpose(b, [0, 2, 1]), false, true),
    ],
    shapes: fc.tuple(dim, dim, dim, dim).map(([n, i, j, k]) => [
      [n, i, j],
      [n, j, k],
    ]),
  },
  _FusedMatMul: {
    program: (a, b, bias) =>
      (['linear', 'relu', 'elu', 'sigmoid'] as const).map(activation => tf.fused.matMul({ a, b, bias, activation })),
    shapes: fc.tuple(dim, dim, dim).map(([i, j, k]) => [[i, j], [j, k], [k]]),
  },
  FusedBatchNorm: {
    program: (x, a, b, c, d) =>
      tf.batchNorm(x as T4, a as tf.Tensor1D, tf.abs(b) as tf.Tensor1D, c as tf.Tensor1D, d as tf.Tensor1D),
    shapes: shape(4, 4).map(s => [s, ...Array(4).fill([s[3]])]),
  },
  Conv2D: {
    program: (x, f) => [
      tf.conv2d(x as T4, f as T4, 1, 'same'),
      tf.conv2d(x as T4, f as T4, [2, 1], 'valid'),
      tf.conv2d(x as T4, f as T4, 2, [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
      ]),
      tf.conv2d(x as T4, f as T4, 1, 'same', 'NHWC', 2),
    ],
    shapes: image,
  },
  FusedConv2D: {
    program: (x, f, bias) =>
      (['linear', 'relu', 'leakyrelu'] as const).map(activation =>
        tf.fused.conv2d({
          x: x as T4,
          filter: f as T4,
          strides: 2,
          pad: 'same',
          bias,
          activation,
          leakyreluAlpha: 0.2,
        }),
      ),
    shapes: image.map(([x, f]) => [x, f, [f[3]]]),
  },
  Conv2DBackpropInput: {
    program: (x, f) => [
      tf.grad(v =>
        tf.sum(
          tf.square(
            tf.conv2d(v as T4, f as T4, 2, [
              [0, 0],
              [1, 1],
              [0, 1],
              [0, 0],
            ]),
          ),
        ),
      )(x),
      tf.grad(v => tf.sum(tf.square(tf.conv2d(v as T4, f as T4, 1, 'same'))))(x),
      tf.grad(v => tf.sum(tf.square(tf.conv2d(v as T4, f as T4, [3, 2], 'valid'))))(x),
    ],
    shapes: image,
  },
  Conv2DBackpropFilter: {
    program: (x, f) => [
      tf.grad(v =>
        tf.sum(
          tf.square(
            tf.conv2d(x as T4, v as T4, 2, [
              [0, 0],
              [1, 1],
              [0, 1],
              [0, 0],
            ]),
          ),
        ),
      )(f),
      tf.grad(v => tf.sum(tf.square(tf.conv2d(x as T4, v as T4, 1, 'same'))))(f),
      tf.grad(v => tf.sum(tf.square(tf.conv2d(x as T4, v as T4, [3, 2], 'valid'))))(f),
    ],
    shapes: image,
  },
}

describe('kernels agree with the CPU backend of TensorFlow.js on random shapes', () => {
  it('has a case for every kernel', () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(KERNELS).sort())
  })

  for (const [name, { program, shapes, range = [-2, 2] }] of Object.entries(CASES)) {
    it(name, async () => {
      await fc.assert(
        fc.asyncProperty(shapes, fc.integer({ min: 0, max: 1e6 }), async (inputShapes, seed) => {
          const inputs = inputShapes.map((s, i) => values(s, seed + i, ...range))
          await expectParity(program, inputs)
        }),
        { numRuns: 12, seed: 1 },
      )
    })
  }
})
