import { takeArray } from './window-arrays.ts'

/** What happens to samples after the last whole window: left out, or padded with zeros to one more window. */
export type Tail = 'drop' | 'pad'

export interface WindowerOptions {
  /** Samples of a window. */
  readonly size: number
  /** Samples from the start of one window to the start of the next; below `size` windows overlap. */
  readonly hop: number
  readonly tail?: Tail
}

/** A cut window: `data` are `size` samples, owned by the receiver (who may `giveBack` the array); `offset` is its first sample's position. */
export interface Cut {
  readonly offset: number
  readonly data: Float32Array
}

/**
 * Cuts a stream of samples into windows. However the stream is split into chunks, the windows are those of slicing
 * the whole at 0, hop, 2 hop, … Holds `size` samples between calls.
 */
export class Windower {
  readonly size: number
  readonly hop: number
  readonly #tail: Tail
  #held: Float32Array
  #filled = 0
  #covered = 0
  #skip = 0
  #offset = 0

  constructor({ size, hop, tail = 'drop' }: WindowerOptions) {
    if (!Number.isInteger(size) || size < 1) throw new RangeError(`window size ${size} is not a positive integer`)
    if (!Number.isInteger(hop) || hop < 1) throw new RangeError(`hop ${hop} is not a positive integer`)
    this.size = size
    this.hop = hop
    this.#tail = tail
    this.#held = takeArray(size)
  }

  /** Takes the next samples (copied, any number) and returns the windows that they complete. */
  push(chunk: Float32Array): Cut[] {
    const cuts: Cut[] = []
    let position = Math.min(this.#skip, chunk.length)
    this.#skip -= position
    while (position < chunk.length) {
      const take = Math.min(this.size - this.#filled, chunk.length - position)
      this.#held.set(chunk.subarray(position, position + take), this.#filled)
      this.#filled += take
      position += take
      if (this.#filled < this.size) break
      const offset = this.#offset
      cuts.push({ offset, data: this.#advance() })
      const skipped = Math.min(this.#skip, chunk.length - position)
      this.#skip -= skipped
      position += skipped
    }
    return cuts
  }

  /** Ends the stream: returns the padded last window where `tail` is `pad` and samples are left that no window holds. */
  flush(): Cut[] {
    const cuts: Cut[] = []
    if (this.#tail === 'pad' && this.#filled > this.#covered) {
      cuts.push({ offset: this.#offset, data: this.#held.fill(0, this.#filled) })
      this.#held = takeArray(this.size)
    }
    this.reset()
    return cuts
  }

  /** Forgets what is held and goes on as a new stream: behind `skip` samples that are left out, a window begins, which lies at `offset`. */
  reset(offset = 0, skip = 0): void {
    this.#filled = 0
    this.#covered = 0
    this.#skip = skip
    this.#offset = offset
  }

  /** Moves on to the next window, and gives the full one away. */
  #advance(): Float32Array {
    const full = this.#held
    const kept = Math.max(0, this.size - this.hop)
    this.#held = takeArray(this.size)
    this.#held.set(full.subarray(this.size - kept))
    this.#filled = kept
    this.#covered = kept
    this.#skip = Math.max(0, this.hop - this.size)
    this.#offset += this.hop
    return full
  }
}
