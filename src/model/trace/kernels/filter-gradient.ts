import type { TensorInfo, Tracer } from '../tracer.ts'
import { type Conv2DInfo, crop, NCHW, reach, spaceToDepth } from './space-to-depth.ts'

/** Columns below which a matrix product leaves vector lanes empty: views with fewer channels are taken together. */
const NARROW = 16

/**
 * Gradient of a convolution by its filter. The padded input is folded so that the stride becomes channels (space to depth); what a
 * kernel of k positions and stride s sees is then k / s shifted views, each a batch of matrix products with dy. The textbook form (a
 * convolution by dy with batch and channels swapped and dilation in the place of stride) gathers its input element by element.
 */
export function filterGradient(t: Tracer, x: TensorInfo, dy: TensorInfo, info: Conv2DInfo): TensorInfo {
  if (info.inHeight === 1 && info.filterHeight === 1) return filterGradient1d(t, x, dy, info)
  const { batchSize: n, outHeight, outWidth, filterHeight, filterWidth, inChannels, outChannels } = info
  const { rows, columns } = reach(info)
  const area = outHeight * outWidth
  const folded = spaceToDepth(t, x, info)
  const gradient = t.reshape(t.value(dy, NCHW), [n, outChannels, area])
  const places = Array.from({ length: rows * columns }, (_, i) => [Math.floor(i / columns), i % columns])
  const channels = folded.shape[1]
  const views = places.map(place =>
    t.reshape(crop(t, folded.value, folded.shape, place, [outHeight, outWidth]), [n, channels, area]),
  )
  const sums = (view: string) => {
    const products = t.node('MatMul', [gradient, t.node('Transpose', [view], { perm: [0, 2, 1] })])
    return t.node('ReduceSum', [products, t.graph.ints64([0])], { keepdims: 0 })
  }
  const all = channels < NARROW ? sums(concat(t, views)) : concat(t, views.map(sums))
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
  const all = concat(t, parts)
  const ordered = t.node('Transpose', [t.reshape(all, [outChannels, columns * strideWidth, c])], { perm: [1, 2, 0] })
  const filter = columns * strideWidth === filterWidth ? ordered : sliceRows(t, ordered, 0, filterWidth, 0)
  const shape = [1, filterWidth, c, outChannels]
  return t.tensor(t.reshape(filter, shape), shape)
}

const concat = (t: Tracer, values: readonly string[]): string =>
  values.length > 1 ? t.node('Concat', values, { axis: 1 }) : values[0]

const sliceRows = (t: Tracer, value: string, from: number, to: number, axis = 1): string =>
  t.node('Slice', [value, ...[[from], [to], [axis]].map(values => t.graph.ints64(values))])
