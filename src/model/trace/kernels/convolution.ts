import type { TensorInfo, Tracer } from '../tracer.ts'
import { fusedActivation } from './activation.ts'
import { filterGradient } from './filter-gradient.ts'
import { backend_util, type Kernels } from './kernel.ts'
import { type Conv2DInfo, NCHW, reach, spaceToDepth } from './space-to-depth.ts'

/** Physical order of ONNX's filters, [out, in, h, w], for TensorFlow.js's [h, w, in, out]. */
const OIHW = [3, 2, 0, 1]

interface ConvAttributes {
  strides: number | [number, number]
  pad: never
  dilations?: number | [number, number]
  dataFormat?: string
  dimRoundingMode?: never
}

function convInfo(t: Tracer, xShape: number[], filterShape: number[], attrs: ConvAttributes): Conv2DInfo {
  if (attrs.dataFormat && attrs.dataFormat !== 'NHWC') t.unsupported('Conv2D', [], 'is traced in NHWC only')
  const shape4 = (shape: number[]) => shape as [number, number, number, number]
  const { strides, dilations = 1, pad, dimRoundingMode } = attrs
  return backend_util.computeConv2DInfo(shape4(xShape), shape4(filterShape), strides, dilations, pad, dimRoundingMode)
}

const geometry = (info: Conv2DInfo) => ({
  kernel_shape: [info.filterHeight, info.filterWidth],
  strides: [info.strideHeight, info.strideWidth],
  dilations: [info.dilationHeight, info.dilationWidth],
  pads: [info.padInfo.top, info.padInfo.left, info.padInfo.bottom, info.padInfo.right],
})

function conv2d(t: Tracer, x: TensorInfo, filter: TensorInfo, info: Conv2DInfo, bias?: TensorInfo): TensorInfo {
  if (shouldFold(t, filter, info)) return foldedConv2d(t, x, filter, info, bias)
  const inputs = [t.value(x, NCHW), t.value(filter, OIHW), ...(bias ? [t.value(bias)] : [])]
  return t.tensor(t.node('Conv', inputs, geometry(info)), info.outShape, 'float32', NCHW)
}

/**
 * ONNX Runtime packs constant filters for fast kernels of its own. A filter that training changes goes the slow way, which takes half
 * the time without a stride; the folded input is shared with the filter's gradient.
 */
function shouldFold(t: Tracer, filter: TensorInfo, info: Conv2DInfo): boolean {
  const { strideHeight: stride, strideWidth, dilationHeight, dilationWidth } = info
  const isConstant = t.entry(filter).values !== undefined
  return !isConstant && stride > 1 && stride === strideWidth && dilationHeight === 1 && dilationWidth === 1
}

function foldedConv2d(t: Tracer, x: TensorInfo, filter: TensorInfo, info: Conv2DInfo, bias?: TensorInfo): TensorInfo {
  const { strideHeight: s, filterHeight, filterWidth, inChannels, outChannels } = info
  const { rows, columns } = reach(info)
  const pads = [0, 0, 0, 0, rows * s - filterHeight, columns * s - filterWidth, 0, 0]
  let kernel = t.value(filter)
  if (pads.some(p => p > 0)) kernel = t.node('Pad', [kernel, t.graph.ints64(pads)])
  const blocks = t.reshape(kernel, [rows, s, columns, s, inChannels, outChannels])
  const ordered = t.node('Transpose', [blocks], { perm: [5, 1, 3, 4, 0, 2] })
  const folded = t.reshape(ordered, [outChannels, s * s * inChannels, rows, columns])
  const inputs = [spaceToDepth(t, x, info).value, folded, ...(bias ? [t.value(bias)] : [])]
  return t.tensor(t.node('Conv', inputs, { kernel_shape: [rows, columns] }), info.outShape, 'float32', NCHW)
}

/** Length that a transposed convolution must add at the end so that it gives back `length`. */
const outputPadding = (length: number, out: number, stride: number, pads: number, extent: number): number =>
  length - ((out - 1) * stride - pads + extent)

/** The transposed convolution: gradient of a convolution for its input, and the forward pass of conv2dTranspose. */
function conv2dBackpropInput(t: Tracer, dy: TensorInfo, filter: TensorInfo, info: Conv2DInfo): TensorInfo {
  const { padInfo: p, strideHeight, strideWidth, effectiveFilterHeight, effectiveFilterWidth } = info
  const attributes = {
    ...geometry(info),
    output_padding: [
      outputPadding(info.inHeight, info.outHeight, strideHeight, p.top + p.bottom, effectiveFilterHeight),
      outputPadding(info.inWidth, info.outWidth, strideWidth, p.left + p.right, effectiveFilterWidth),
    ],
  }
  const inputs = [t.value(dy, NCHW), t.value(filter, OIHW)]
  const y = t.tensor(t.node('ConvTranspose', inputs, attributes), info.inShape, 'float32', NCHW)
  t.entry(y).withBias = bias => t.node('ConvTranspose', [...inputs, bias], attributes)
  return y
}

/** A convolution of the input by the gradient with batch and channels swapped, and dilation in the place of stride. */
function conv2dBackpropFilter(t: Tracer, x: TensorInfo, dy: TensorInfo, info: Conv2DInfo): TensorInfo {
  if (info.dilationHeight === 1 && info.dilationWidth === 1) return filterGradient(t, x, dy, info)
  const CNHW = [3, 0, 1, 2]
  const attributes = {
    kernel_shape: [info.outHeight, info.outWidth],
    dilations: [info.strideHeight, info.strideWidth],
    strides: [info.dilationHeight, info.dilationWidth],
    pads: geometry(info).pads,
  }
  const y = t.node('Conv', [t.value(x, CNHW), t.value(dy, CNHW)], attributes)
  // A stride that does not divide the input leaves positions beyond the filter.
  const { filterHeight, filterWidth, inChannels, outChannels } = info
  const zeros = t.graph.ints64([0, 0])
  const filter = t.node('Slice', [y, zeros, t.graph.ints64([filterHeight, filterWidth]), t.graph.ints64([2, 3])])
  return t.tensor(filter, [filterHeight, filterWidth, inChannels, outChannels], 'float32', [2, 3, 0, 1])
}

export const convolutions: Kernels = {
  Conv2D: (t, { x, filter }, attrs) => conv2d(t, x, filter, convInfo(t, x.shape, filter.shape, attrs)),
  FusedConv2D: (t, { x, filter, bias, preluActivationWeights }, attrs) => {
    if (preluActivationWeights) t.unsupported('FusedConv2D', [x], 'with a PReLU has no ONNX kernel')
    const y = conv2d(t, x, filter, convInfo(t, x.shape, filter.shape, attrs), bias)
    return fusedActivation(t, y, attrs.activation, attrs.leakyreluAlpha)
  },
  Conv2DBackpropInput: (t, { dy, filter }, attrs) =>
    conv2dBackpropInput(t, dy, filter, convInfo(t, attrs.inputShape, filter.shape, attrs)),
  Conv2DBackpropFilter: (t, { x, dy }, attrs) =>
    conv2dBackpropFilter(t, x, dy, convInfo(t, x.shape, attrs.filterShape, attrs)),
}
