/** Samples of a block. */
const BLOCK = 65536

/** A growing sequence of samples in blocks, so that it is never copied as a whole. */
export class SampleBlocks {
  readonly #blocks: Float32Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Memory that it takes. */
  get bytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.byteLength, 0)
  }

  /** Appends the mean over channels of samples `from … to − 1`, in float64 and then rounded. */
  appendMean(channels: readonly Float32Array[], from = 0, to = channels[0].length): void {
    for (let i = from; i < to; ) {
      const at = this.#length % BLOCK
      if (at === 0) this.#blocks.push(new Float32Array(BLOCK))
      const n = Math.min(BLOCK - at, to - i)
      mean(channels, i, n, this.#blocks[this.#blocks.length - 1], at)
      this.#length += n
      i += n
    }
  }

  /** Forgets all samples from `length` on, and the memory that the rest does not need. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length)
    this.#blocks.length = Math.ceil(this.#length / BLOCK)
    const last = this.#blocks.length - 1
    if (last >= 0) this.#blocks[last] = this.#blocks[last].slice(0, this.#length - last * BLOCK)
  }

  /** A copy of samples `start … start + count − 1`, which must exist. */
  read(start: number, count: number): Float32Array {
    const samples = new Float32Array(count)
    for (let done = 0; done < count; ) {
      const block = Math.floor((start + done) / BLOCK)
      const from = start + done - block * BLOCK
      const n = Math.min(BLOCK - from, count - done)
      samples.set(this.#blocks[block].subarray(from, from + n), done)
      done += n
    }
    return samples
  }
}

function mean(channels: readonly Float32Array[], from: number, count: number, out: Float32Array, at: number): void {
  if (channels.length === 1) {
    out.set(channels[0].subarray(from, from + count), at)
    return
  }
  for (let i = 0; i < count; i++) {
    let sum = 0
    for (const channel of channels) sum += channel[from + i]
    out[at + i] = sum / channels.length
  }
}
