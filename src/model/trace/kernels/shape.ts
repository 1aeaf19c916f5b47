import { ONNX_TYPE } from '../../onnx/model.ts'
import { identity, permute, reshapePerm } from '../layout.ts'
import { onnxType, type TensorInfo, type Tracer } from '../tracer.ts'
import { equalShapes, type Kernels, list, product, slice_util, util } from './kernel.ts'

/** A reshape. One that only adds or drops axes of length 1 keeps the physical order. */
export function reshape(t: Tracer, x: TensorInfo, to: readonly number[]): TensorInfo {
  if (equalShapes(x.shape, to)) return t.alias(x)
  const entry = t.entry(x)
  if (entry.fill !== undefined && entry.value === undefined) return t.filled(entry.fill, to, x.dtype)
  if (entry.values) return t.alias(x, { shape: [...to] })
  const perm = reshapePerm(x.shape, t.permOf(x), to)
  return perm
    ? t.tensor(t.reshape(t.raw(x), permute(to, perm)), to, x.dtype, perm)
    : t.tensor(t.reshape(t.value(x), to), to, x.dtype)
}

function slice(t: Tracer, x: TensorInfo, from: number | number[], size: number | number[]): TensorInfo {
  const [begin, shape] = slice_util.parseSliceParams(x as Parameters<typeof slice_util.parseSliceParams>[0], from, size)
  const constant = t.constantOf(x)
  if (constant !== undefined) return t.filled(constant, shape, x.dtype)
  const perm = t.permOf(x)
  const cut = identity(shape.length).filter(i => shape[perm[i]] !== x.shape[perm[i]])
  if (cut.length === 0) return t.alias(x)
  const starts = cut.map(i => begin[perm[i]])
  const ends = cut.map((i, k) => starts[k] + shape[perm[i]])
  const y = t.node('Slice', [t.raw(x), t.graph.ints64(starts), t.graph.ints64(ends), t.graph.ints64(cut)])
  return t.tensor(y, shape, x.dtype, perm)
}

const concat = (t: Tracer, xs: readonly TensorInfo[], axis: number): TensorInfo => {
  const full = xs.filter(x => product(x.shape) > 0)
  if (full.length === 1) return t.alias(full[0])
  const perm = t.permOf(full[0])
  const shape = full[0].shape.map((n, i) => (i === axis ? full.reduce((sum, x) => sum + x.shape[i], 0) : n))
  const y = t.node(
    'Concat',
    full.map(x => t.value(x, perm)),
    { axis: perm.indexOf(axis) },
  )
  return t.tensor(y, shape, full[0].dtype, perm)
}

export const shapes: Kernels = {
  Identity: (t, { x }) => t.alias(x),
  Cast: (t, { x }, { dtype }) => {
    const [from, to] = [onnxType(x.dtype), onnxType(dtype)]
    if (from === to) return t.alias(x, { dtype })
    const constant = t.constantOf(x)
    if (constant !== undefined && to === 'float32') return t.filled(constant, x.shape)
    return t.tensor(t.node('Cast', [t.raw(x)], { to: ONNX_TYPE[to] }), x.shape, dtype, t.permOf(x))
  },
  Reshape: (t, { x }, { shape }) => reshape(t, x, util.inferFromImplicitShape(shape, product(x.shape))),
  ExpandDims: (t, { input }, { dim }) => {
    const shape = [...input.shape]
    shape.splice(dim < 0 ? shape.length + 1 + dim : dim, 0, 1)
    return reshape(t, input, shape)
  },
  Transpose: (t, { x }, { perm }) => {
    const shape = permute(x.shape as number[], perm)
    const entry = t.entry(x)
    if (entry.fill !== undefined && entry.value === undefined) return t.filled(entry.fill, shape, x.dtype)
    const order = t.permOf(x).map(axis => perm.indexOf(axis))
    return t.tensor(t.raw(x), shape, x.dtype, order)
  },
  Fill: (t, _, { shape, value, dtype }) => t.filled(value, shape, dtype ?? 'float32'),
  ZerosLike: (t, { x }) => t.filled(0, x.shape, x.dtype),
  OnesLike: (t, { x }) => t.filled(1, x.shape, x.dtype),
  Slice: (t, { x }, { begin, size }) => slice(t, x, begin, size),
  StridedSlice: (t, { x }, attrs) => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs
    const info = slice_util.sliceInfo(
      x.shape,
      begin,
      end,
      strides,
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    )
    const axes = identity(x.shape.length)
    const bounds = [info.begin, info.end, axes, info.strides].map(values => t.graph.ints64(values))
    const y = t.node('Slice', [t.value(x), ...bounds])
    return t.tensor(t.reshape(y, info.finalShape), info.finalShape, x.dtype)
  },
  PadV2: (t, { x }, { paddings, constantValue }) => {
    const perm = t.permOf(x)
    const pads = [...perm.map(i => paddings[i][0]), ...perm.map(i => paddings[i][1])]
    const shape = x.shape.map((n: number, i: number) => n + paddings[i][0] + paddings[i][1])
    const value = x.dtype === 'int32' ? t.graph.ints32([constantValue], []) : t.graph.scalar(constantValue)
    return t.tensor(t.node('Pad', [t.raw(x), t.graph.ints64(pads), value]), shape, x.dtype, perm)
  },
  Concat: (t, inputs, { axis }) => {
    const xs = list(inputs)
    return concat(t, xs, util.parseAxisParam(axis, xs[0].shape)[0])
  },
  Pack: (t, inputs, { axis }) => {
    const xs = list(inputs)
    const at = axis < 0 ? xs[0].shape.length + 1 + axis : axis
    const shape = [...xs[0].shape]
    shape.splice(at, 0, 1)
    return concat(
      t,
      xs.map(x => reshape(t, x, shape)),
      at,
    )
  },
  Unpack: (t, { value }, { axis }) => {
    const [at] = util.parseAxisParam(axis, value.shape)
    const shape = value.shape.filter((_: number, i: number) => i !== at)
    return split(t, value, Array(value.shape[at]).fill(1), at).map(part => reshape(t, part, shape))
  },
  SplitV: (t, { x }, { numOrSizeSplits, axis }) => {
    const [at] = util.parseAxisParam(axis, x.shape)
    return split(t, x, splitSizes(x.shape[at], numOrSizeSplits), at)
  },
  Tile: (t, { x }, { reps }) => {
    const shape = x.shape.map((n: number, i: number) => n * reps[i])
    const constant = t.constantOf(x)
    if (constant !== undefined) return t.filled(constant, shape, x.dtype)
    // Repeating an axis of length 1 is what Expand does, and its target may hold the batch dimension.
    if (x.shape.every((n: number, i: number) => n === 1 || reps[i] === 1)) {
      return t.tensor(t.node('Expand', [t.value(x), t.shapeValue(shape)]), shape, x.dtype)
    }
    return t.tensor(t.node('Tile', [t.value(x), t.graph.ints64(reps)]), shape, x.dtype)
  },
  BroadcastTo: (t, { x }, { shape }) => t.tensor(t.node('Expand', [t.value(x), t.shapeValue(shape)]), shape, x.dtype),
  Reverse: (t, { x }, { dims }) => {
    const axes = util.parseAxisParam(dims, x.shape)
    const all = (n: number) => t.graph.ints64(axes.map(() => n))
    return t.tensor(
      t.node('Slice', [t.value(x), all(-1), all(-(2 ** 31)), t.graph.ints64(axes), all(-1)]),
      x.shape,
      x.dtype,
    )
  },
}

/** A WebGPU shader binds at least 8 buffers on any device, and ONNX Runtime's Split binds one for each part. */
const MOST_PARTS = 6

function split(t: Tracer, x: TensorInfo, sizes: readonly number[], axis: number): TensorInfo[] {
  if (sizes.length === 1) return [t.alias(x)]
  const shapes = sizes.map(size => x.shape.map((n, i) => (i === axis ? size : n)))
  if (sizes.length > MOST_PARTS) {
    let start = 0
    return shapes.map((shape, k) => {
      const part = slice(
        t,
        x,
        shape.map((_, i) => (i === axis ? start : 0)),
        shape,
      )
      start += sizes[k]
      return part
    })
  }
  const perm = t.permOf(x)
  const parts = t.graph.nodes('Split', [t.raw(x), t.graph.ints64(sizes)], { axis: perm.indexOf(axis) }, sizes.length)
  return parts.map((part, k) => t.tensor(part, shapes[k], x.dtype, perm))
}

function splitSizes(length: number, splits: number | number[]): number[] {
  if (typeof splits === 'number') return Array(splits).fill(length / splits)
  const known = splits.reduce((sum, n) => sum + Math.max(n, 0), 0)
  return splits.map(n => (n === -1 ? length - known : n))
}
