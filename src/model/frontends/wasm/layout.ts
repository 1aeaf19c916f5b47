type Numbers = Float32Array | Float64Array | Int32Array

/** Hands out addresses in a module's memory, each a multiple of 64 so that no vector straddles a cache line. */
export class Layout {
  #size = 0
  readonly #contents: { address: number; values: Numbers }[] = []

  /** Room for `bytes`, zeros at first. */
  reserve(bytes: number): number {
    const address = this.#size
    this.#size += Math.ceil(bytes / 64) * 64
    return address
  }

  /** Room that `fill` fills with `values`. */
  constant(values: Numbers): number {
    const address = this.reserve(values.byteLength)
    this.#contents.push({ address, values })
    return address
  }

  /** Pages of 64 KiB that hold all of it. */
  get pages(): number {
    return Math.ceil(this.#size / 65536)
  }

  fill(memory: ArrayBuffer): void {
    for (const { address, values } of this.#contents) {
      new Uint8Array(memory, address).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    }
  }
}
