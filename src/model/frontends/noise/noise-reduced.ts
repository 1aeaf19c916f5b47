import { checkWindow } from '../check.ts'
import type { FrontEnd } from '../frontend.ts'
import { type SpectralGateOptions, spectralGate } from './spectral-gate.ts'

/** A sound front end that gets its windows after noise reduction. */
export function noiseReduced(inner: FrontEnd, options: SpectralGateOptions): FrontEnd {
  const gate = spectralGate(options)
  return {
    ...inner,
    transform(window, out, offset = 0) {
      checkWindow(window, inner.windowShape)
      inner.transform(gate(window), out, offset)
    },
  }
}
