import type { Conversion, Resampled } from '../../resample.ts'

/** From the samples of the messages of a segment to those of the windows. Positions count from the segment's first sample. */
export interface Rate {
  /** Messages follow from this sample on. @returns the first sample for the windows that can be made of them */
  begin(position: number): number
  /** @returns samples for the windows, each in order, as soon as it can be made */
  push(samples: Float32Array): Float32Array
  /** The first sample of the messages that one for the windows draws on. */
  first(made: number): number
  /** The last one. */
  last(made: number): number
  /** Where it lies among the samples of the messages; not whole. */
  place(made: number): number
}

/** Messages at the rate of the windows. */
export const SAME_RATE: Rate = {
  begin: position => position,
  push: samples => samples,
  first: made => made,
  last: made => made,
  place: made => made,
}

/**
 * Messages at another rate. What is made comes in blocks of about 4096 samples at fixed places of the segment, so that it is the same
 * bit for bit wherever a joiner began to read. Holds the input of a block and of its filter.
 */
export class ChangedRate implements Rate {
  readonly #output: Resampled
  #held = new Float32Array(0)
  /** Position of the first held sample. */
  #start = 0
  #made = 0

  constructor(conversion: Conversion, sampleRate: number) {
    const read = (start: number, count: number) => this.#read(start, count)
    this.#output = conversion({ name: 'sound', sampleRate, channels: 1, length: Number.POSITIVE_INFINITY, read })
  }

  begin(position: number): number {
    const { block, inputBlock, margin } = this.#output
    this.#held = new Float32Array(0)
    this.#start = position
    this.#made = position === 0 ? 0 : Math.ceil((position + margin) / inputBlock) * block
    return this.#made
  }

  push(samples: Float32Array): Float32Array {
    const held = new Float32Array(this.#held.length + samples.length)
    held.set(this.#held)
    held.set(samples, this.#held.length)
    this.#held = held
    const { read, block } = this.#output
    const made: Float32Array[] = []
    while (this.last(this.#made) < this.#start + this.#held.length) {
      made.push(read(this.#made, block))
      this.#made += block
    }
    this.#drop(this.first(this.#made))
    const joined = new Float32Array(made.length * block)
    for (const [i, part] of made.entries()) joined.set(part, i * block)
    return joined
  }

  first(made: number): number {
    const { block, inputBlock, margin } = this.#output
    return Math.max(0, Math.floor(made / block) * inputBlock - margin)
  }

  last(made: number): number {
    const { block, inputBlock, margin } = this.#output
    return (Math.floor(made / block) + 1) * inputBlock + margin - 1
  }

  place(made: number): number {
    const { block, inputBlock } = this.#output
    return (made * inputBlock) / block
  }

  #read(start: number, count: number): Float32Array {
    return this.#held.subarray(start - this.#start, start - this.#start + count)
  }

  /** Lets go of the samples before `position`. */
  #drop(position: number): void {
    const count = Math.min(position - this.#start, this.#held.length)
    if (count <= 0) return
    this.#held = this.#held.subarray(count)
    this.#start += count
  }
}
