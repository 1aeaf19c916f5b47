import type { TensorInfo, Tracer } from '../tracer.ts'
import type { backend_util } from './kernel.ts'

type Conv2DInfo = ReturnType<typeof backend_util.computeConv2DInfo>

const NCHW = [0, 3, 1, 2]

/**
 * Gradient of a convolution by its filter. The padded input is folded so that the stride becomes channels (space to depth); what a
 * kernel of k positions and stride s sees is then k / s shifted views, each a batch of matrix products with dy. This does a fifth
 * of the work of the textbook form (a convolution by dy with batch and channels swapped and dilation in the place of stride),
 * because matrix products run at full speed and nothing is gathered.
 */
export function filterGradient(t: Tracer, x: TensorInfo, dy: TensorInfo, info: Conv2DInfo): TensorInfo {
  if (info.inHeight === 1 && info.filterHeight === 1) return filterGradient1d(t, x, dy, info)
  const { batchSize: n, outHeight, outWidth, filterHeight, filterWidth, inChannels, outChannels } = info
  const rows = Math.ceil(filterHeight / info.strideHeight)
  const columns = Math.ceil(filterWidth / info.strideWidth)
  const area = outHeight * outWidth
  const folded = fold(t, x, info, rows, columns)
  const gradient = t.reshape(t.value(dy, NCHW), [n, outChannels, area])
  const parts: string[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const view = t.reshape(crop(t, folded.value, folded.shape, [row, column], [outHeight, outWidth]), [n, -1, area])
      const products = t.node('MatMul', [gradient, t.node('Transpose', [view], { perm: [0, 2, 1] })])
      parts.push(t.node('ReduceSum', [products, t.graph.ints64([0])], { keepdims: 0 }))
    }
  }
  const all = parts.length > 1 ? t.node('Concat', parts, { axis: 1 }) : parts[0]
  const { strideHeight, strideWidth } = info
  // [out, row, column, stride row, stride column, in] to [height, width, in, out].
  const spread = t.reshape(all, [outChannels, rows, columns, strideHeight, strideWidth, inChannels])
  const ordered = t.node('Transpose', [spread], { perm: [1, 3, 2, 4, 5, 0] })
  const [height, width] = [rows * strideHeight, columns * strideWidth]
  const whole = t.reshape(ordered, [height, width, inChannels, outChannels])
  const shape = [filterHeight, filterWidth, inChannels, outChannels]
  if (height === filterHeight && width === filterWidth) return t.tensor(whole, shape)
  const bounds = [
    [0, 0],
    [filterHeight, filterWidth],
    [0, 1],
  ].map(values => t.graph.ints64(values))
  return t.tensor(t.node('Slice', [whole, ...bounds]), shape)
}

/** The same along one axis. With channels last, folding the stride into channels is a mere reshape. */
function filterGradient1d(t: Tracer, x: TensorInfo, dy: TensorInfo, info: Conv2DInfo): TensorInfo {
  const { batchSize: n, outWidth, filterWidth, strideWidth, inWidth, inChannels: c, outChannels, padInfo } = info
  const columns = Math.ceil(filterWidth / strideWidth)
  const width = outWidth - 1 + columns
  const end = strideWidth * width - inWidth - padInfo.left
  const pads = [0, padInfo.left, 0, 0, Math.max(0, end), 0]
  let samples = t.reshape(t.value(x), [n, inWidth, c])
  if (pads.some(p => p > 0)) samples = t.node('Pad', [samples, t.graph.ints64(pads)])
  if (end < 0) samples = sliceRows(t, samples, 0, strideWidth * width)
  const folded = t.reshape(samples, [n, width, strideWidth * c])
  const gradient = t.reshape(t.value(dy, NCHW), [n, outChannels, outWidth])
  const parts = Array.from({ length: columns }, (_, column) => {
    const products = t.node('MatMul', [gradient, sliceRows(t, folded, column, column + outWidth)])
    return t.node('ReduceSum', [products, t.graph.ints64([0])], { keepdims: 0 })
  })
  const all = parts.length > 1 ? t.node('Concat', parts, { axis: 1 }) : parts[0]
  const ordered = t.node('Transpose', [t.reshape(all, [outChannels, columns * strideWidth, c])], { perm: [1, 2, 0] })
  const filter = columns * strideWidth === filterWidth ? ordered : sliceRows(t, ordered, 0, filterWidth, 0)
  const shape = [1, filterWidth, c, outChannels]
  return t.tensor(t.reshape(filter, shape), shape)
}

const sliceRows = (t: Tracer, value: string, from: number, to: number, axis = 1): string =>
  t.node('Slice', [value, ...[[from], [to], [axis]].map(values => t.graph.ints64(values))])

/** The input, padded to what the kernel reaches, with each stride × stride block as channels: `[n, s·s·c, h', w']`. */
function fold(
  t: Tracer,
  x: TensorInfo,
  info: Conv2DInfo,
  rows: number,
  columns: number,
): { value: string; shape: number[] } {
  const { strideHeight: sh, strideWidth: sw, padInfo, inChannels: c, batchSize: n } = info
  const [height, width] = [info.outHeight - 1 + rows, info.outWidth - 1 + columns]
  const bottom = sh * height - info.inHeight - padInfo.top
  const right = sw * width - info.inWidth - padInfo.left
  const pads = [0, 0, padInfo.top, padInfo.left, 0, 0, Math.max(0, bottom), Math.max(0, right)]
  let value = t.value(x, NCHW)
  if (pads.some(p => p > 0)) value = t.node('Pad', [value, t.graph.ints64(pads)])
  const reached = [info.inHeight + pads[2] + pads[6], info.inWidth + pads[3] + pads[7]]
  value = crop(t, value, [n, c, ...reached], [0, 0], [sh * height, sw * width])
  const shape = [n, sh * sw * c, height, width]
  if (sh === 1 && sw === 1) return { value, shape }
  // The operation of its own is five times as fast as the transposition that it stands for.
  if (sh === sw) return { value: t.node('SpaceToDepth', [value], { blocksize: sh }), shape }
  const blocks = t.reshape(value, [n, c, height, sh, width, sw])
  return { value: t.reshape(t.node('Transpose', [blocks], { perm: [0, 3, 5, 1, 2, 4] }), shape), shape }
}

/** `size` rows and columns from `from` on. */
function crop(
  t: Tracer,
  value: string,
  shape: readonly number[],
  from: readonly number[],
  size: readonly number[],
): string {
  const axes = [2, 3].filter(axis => shape[axis] !== size[axis - 2])
  if (axes.length === 0) return value
  const starts = axes.map(axis => from[axis - 2])
  const ends = axes.map(axis => from[axis - 2] + size[axis - 2])
  return t.node('Slice', [value, ...[starts, ends, axes].map(values => t.graph.ints64(values))])
}
