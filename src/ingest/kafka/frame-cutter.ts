import type { WindowSpec } from '../source.ts'
import type { Cut, Cutter, ReadMessage } from './cutter.ts'
import type { PayloadConfig } from './payload/config.ts'
import { createFrameDecoder } from './payload/frames.ts'

/** Detector frames: each is a window, and nothing connects them. */
export class FrameCutter implements Cutter {
  readonly #place: string
  readonly #decode: ReturnType<typeof createFrameDecoder>

  /** @param place topic and partition */
  constructor(place: string, payload: PayloadConfig, spec: WindowSpec) {
    this.#place = place
    this.#decode = createFrameDecoder(payload, spec)
  }

  cut(message: ReadMessage): Cut {
    const { frames, time = Date.now() } = this.#decode(message)
    const { offset } = message
    const windows = frames.map((data, i) => ({
      stream: this.#place,
      offset,
      part: frames.length > 1 ? `/${i}` : '',
      time,
      data,
      first: offset,
    }))
    return { windows }
  }

  lost(): [] {
    return []
  }

  lostOfAny(): [] {
    return []
  }

  parked(): undefined {
    return undefined
  }

  expire(): [] {
    return []
  }

  metadata(): null {
    return null
  }
}
