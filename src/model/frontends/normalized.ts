import { applyNormalization, type Normalization } from '../normalizer.ts'
import { type FrontEnd, sizeOf } from './frontend.ts'

/** A front end whose output is normalised, entry by entry of the bins axis. */
export function normalized(inner: FrontEnd, normalization: Normalization): FrontEnd {
  // As typed arrays: numbers that were parsed from JSON may be stored one by one, and this is a hot loop.
  const offset = Float64Array.from(normalization.offset)
  const scale = Float64Array.from(normalization.scale)
  const size = inner.items * sizeOf(inner.featureShape)
  return {
    windowShape: inner.windowShape,
    items: inner.items,
    featureShape: inner.featureShape,
    transform(window, out, at = 0) {
      inner.transform(window, out, at)
      applyNormalization(out.subarray(at, at + size), offset, scale)
    },
  }
}
