import type { Delivery, Window } from '../types.ts'
import { sizeOfShape } from './frames.ts'
import type { Source, WindowSpec } from './source.ts'
import { giveBack } from './window-arrays.ts'
import { type Cut, Windower } from './windower.ts'

export interface MemorySourceOptions {
  overflow?: Source['overflow']
  /** Time of the first sample, ms since the epoch. */
  start?: number
  /** Frames per second, for the times of detector frames. */
  frameRate?: number
  /** Called for each window that is acknowledged; its samples are gone by then. */
  onAck?: (window: Window) => void
}

/**
 * A feed that the same process pushes into: for tests, and for programs that have their samples already. Unlike the other
 * sources it holds what is pushed until it is pulled: whoever pushes decides how much that is.
 */
export class MemorySource implements Source {
  readonly name: string
  readonly overflow: Source['overflow']
  readonly #spec: WindowSpec
  readonly #start: number
  readonly #rate: number
  readonly #onAck: (window: Window) => void
  readonly #windower: Windower
  readonly #cuts: Cut[] = []
  #index = 0
  #ended = false
  #wake = () => {}

  constructor(name: string, spec: WindowSpec, options: MemorySourceOptions = {}) {
    this.name = name
    this.overflow = options.overflow ?? 'pause'
    this.#spec = spec
    this.#start = options.start ?? 0
    this.#rate = spec.sampleRate ?? options.frameRate ?? 1
    this.#onAck = options.onAck ?? (() => {})
    const size = sizeOfShape(spec.shape)
    this.#windower = new Windower({ size, hop: spec.sampleRate === null ? size : spec.hop })
  }

  /** Windows that were pushed and not taken yet. */
  get waiting(): number {
    return this.#cuts.length
  }

  /** The next samples of the feed (any number), or values of frames. Copied. */
  push(data: Float32Array): void {
    for (const cut of this.#windower.push(data)) this.#cuts.push(cut)
    this.#wake()
  }

  /** Ends the feed: `deliveries` returns once all windows have been pulled. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *deliveries(signal: AbortSignal): AsyncIterable<Delivery> {
    const stopped = () => this.#wake()
    signal.addEventListener('abort', stopped)
    try {
      while (!signal.aborted) {
        const cut = this.#cuts.shift()
        if (cut) yield this.#deliver(cut)
        else if (this.#ended) return
        else await new Promise<void>(resolve => (this.#wake = resolve))
      }
    } finally {
      signal.removeEventListener('abort', stopped)
    }
  }

  #deliver({ offset, data }: Cut): Delivery {
    const { shape, sampleRate } = this.#spec
    const position = sampleRate === null ? offset / data.length : offset
    const window: Window = {
      source: this.name,
      id: `${this.name}/memory/${position}`,
      index: this.#index++,
      stream: 'memory',
      offset: position,
      time: this.#start + (position / this.#rate) * 1000,
      data,
      shape,
    }
    return { window, ack: () => this.#onAck(window), recycle: () => giveBack(data) }
  }
}
