import { convert, type Resampled } from '../resample.ts'

/** Thrown inside `resample` when it reads beyond what has arrived. */
const NOT_YET = new Error('these samples have not arrived yet')

/**
 * Sound that arrives piece by piece, at another rate: the samples that `resample` makes of a recording of it, however it is cut into pieces. They come a
 * block of about 4096 at a time, as soon as the input that a block needs is there. Holds a block and the filter's length of input.
 */
export class StreamResampler {
  #held = new Float32Array(0)
  /** Position of the first held sample in the input. */
  #start = 0
  #made = 0
  #output: Resampled | undefined

  private constructor() {}

  /** @throws AUSCULT_INPUT_INVALID when the rates are too far apart or too unrelated */
  static async create(name: string, from: number, to: number): Promise<StreamResampler> {
    const resampler = new StreamResampler()
    const read = (start: number, count: number) => resampler.#read(start, count)
    resampler.#output = await convert({ name, sampleRate: from, channels: 1, length: Infinity, read }, to)
    return resampler
  }

  /** The samples that these complete; often none. */
  push(samples: Float32Array): Float32Array {
    const held = new Float32Array(this.#held.length + samples.length)
    held.set(this.#held)
    held.set(samples, this.#held.length)
    this.#held = held
    const blocks: Float32Array[] = []
    for (let block = this.#next(); block; block = this.#next()) blocks.push(block)
    const joined = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0))
    blocks.reduce((at, block) => {
      joined.set(block, at)
      return at + block.length
    }, 0)
    return joined
  }

  #next(): Float32Array | undefined {
    const { read, block } = this.#output!
    try {
      const samples = read(this.#made, block)
      this.#made += block
      return samples
    } catch (error) {
      if (error === NOT_YET) return undefined
      throw error
    }
  }

  /** Later reads begin at this one's start or behind it. */
  #read(start: number, count: number): Float32Array {
    const from = start - this.#start
    if (from + count > this.#held.length) throw NOT_YET
    this.#held = this.#held.subarray(from)
    this.#start = start
    return this.#held.slice(0, count)
  }
}
