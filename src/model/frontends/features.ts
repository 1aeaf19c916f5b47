import { checkWindow } from './check.ts'
import type { FrontEnd } from './frontend.ts'

/** Features that were computed elsewhere: a window `[frames, bins]` becomes `[frames, bins, 1]`. */
export function featuresFrontEnd(frames: number, bins: number): FrontEnd {
  const windowShape = [frames, bins]
  return {
    windowShape,
    items: 1,
    featureShape: [frames, bins, 1],
    transform(window, out, offset = 0) {
      checkWindow(window, windowShape)
      out.set(window, offset)
    },
  }
}
