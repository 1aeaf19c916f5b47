/** Copies of windows that are away in a thread which may not give them back, by the number of their batch. */
export class KeptWindows {
  readonly #copies = new Map<number, Float32Array>()
  readonly #spare: Float32Array[] = []

  /** @param windows an array of which the first `length` values are kept; every batch's is as long */
  keep(id: number, windows: Float32Array, length: number): void {
    const copy = this.#spare.pop() ?? new Float32Array(windows.length)
    copy.set(windows.subarray(0, length))
    this.#copies.set(id, copy)
  }

  /** The copy, which is the caller's from now on. */
  take(id: number): Float32Array | undefined {
    const copy = this.#copies.get(id)
    this.#copies.delete(id)
    return copy
  }

  /** The windows came back. */
  drop(id: number): void {
    const copy = this.take(id)
    if (copy) this.#spare.push(copy)
  }
}
