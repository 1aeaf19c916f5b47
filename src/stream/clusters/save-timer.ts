/** Calls once, at the earliest of the times that it was asked for. */
export class SaveTimer {
  readonly #call: () => void
  #timer: NodeJS.Timeout | undefined
  #due = Number.POSITIVE_INFINITY

  constructor(call: () => void) {
    this.#call = call
  }

  /** @param ms from now, at the latest */
  within(ms: number): void {
    const due = performance.now() + ms
    if (due >= this.#due) return
    clearTimeout(this.#timer)
    this.#due = due
    this.#timer = setTimeout(() => {
      this.cancel()
      this.#call()
    }, ms).unref()
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#due = Number.POSITIVE_INFINITY
  }
}
