import type { TensorInfo, Tracer } from '../tracer.ts'
import type { backend_util } from './kernel.ts'

export type Conv2DInfo = ReturnType<typeof backend_util.computeConv2DInfo>

/** Physical order of ONNX's images for TensorFlow.js's [n, h, w, c]. */
export const NCHW = [0, 3, 1, 2]

/** How many stride × stride blocks the kernel spans, along height and width. */
export const reach = (info: Conv2DInfo): { rows: number; columns: number } => ({
  rows: Math.ceil(info.filterHeight / info.strideHeight),
  columns: Math.ceil(info.filterWidth / info.strideWidth),
})

/** The input, padded to what the kernel reaches, with each stride × stride block as channels: `[n, s·s·c, h', w']`. */
export function spaceToDepth(t: Tracer, x: TensorInfo, info: Conv2DInfo): { value: string; shape: number[] } {
  const { rows, columns } = reach(info)
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
export function crop(
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
