import { checkWindow } from './check.ts'
import type { FrontEnd } from './frontend.ts'

/** The samples themselves, as `[samples, 1]`. */
export function rawFrontEnd(samples: number): FrontEnd {
  const windowShape = [samples]
  return {
    windowShape,
    items: 1,
    featureShape: [samples, 1],
    transform(window, out, offset = 0) {
      checkWindow(window, windowShape)
      out.set(window, offset)
    },
  }
}
