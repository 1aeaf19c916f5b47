import { AuscultError } from '../../errors.ts'
import { checkWindow } from './check.ts'
import { type FrontEnd, sizeOf } from './frontend.ts'

export interface FrameOptions {
  /** `[n]`, `[h, w]`, or spatial axes followed by channels. */
  shape: readonly number[]
  /** Side of the squares (cubes …) whose values are added up; divides every spatial axis. */
  bin: number
  /** ln(1 + gain · x) after binning. */
  log1p: boolean
  /** Default 1. */
  gain?: number
}

/** Spatial axes of a frame: the last axis holds channels from three axes on. */
export const spatialAxes = (shape: readonly number[]): number => Math.min(shape.length, Math.max(2, shape.length - 1))

/** One detector frame. `[n]` stays so, `[h, w]` becomes `[h, w, 1]`, all others keep their axes. */
export function frameFrontEnd({ shape, bin, log1p, gain = 1 }: FrameOptions): FrontEnd {
  const spatial = spatialAxes(shape)
  const binned = shape.map((n, axis) => (axis < spatial ? n / bin : n))
  const size = sizeOf(binned)
  const target = bin === 1 ? null : pooledIndex(shape, binned, spatial, bin)
  return {
    windowShape: shape,
    items: 1,
    featureShape: shape.length === 2 ? [...binned, 1] : binned,
    transform(window, out, offset = 0) {
      checkWindow(window, shape)
      if (target) {
        out.fill(0, offset, offset + size)
        for (let i = 0; i < target.length; i++) out[offset + target[i]] += window[i]
      } else out.set(window, offset)
      if (log1p) logarithm(out, offset, offset + size, gain)
    },
  }
}

/** For every value of the frame, the flat index of the bin that it is added to. */
function pooledIndex(shape: readonly number[], binned: readonly number[], spatial: number, bin: number): Int32Array {
  return Int32Array.from({ length: sizeOf(shape) }, (_, flat) => {
    let rest = flat
    let index = 0
    let stride = 1
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const coordinate = rest % shape[axis]
      rest = Math.floor(rest / shape[axis])
      index += stride * (axis < spatial ? Math.floor(coordinate / bin) : coordinate)
      stride *= binned[axis]
    }
    return index
  })
}

function logarithm(values: Float32Array, from: number, to: number, gain: number): void {
  for (let i = from; i < to; i++) {
    if (gain * values[i] <= -1) {
      throw new AuscultError('AUSCULT_NON_FINITE', `log1p of ${gain * values[i]} is not finite`, {
        at: `value ${i - from} of the frame after binning`,
        remedy: 'Set log1p to false for frames with negative values, or subtract the pedestal first.',
      })
    }
    values[i] = Math.log1p(gain * values[i])
  }
}
