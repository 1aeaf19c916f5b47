/**
 * Hands values from one who must not wait to one who may be slow. At most `capacity` values wait: beyond that the oldest is dropped.
 */
export class Latest<T> {
  readonly #capacity: number
  readonly #waiting: T[] = []
  #closed = false
  #wake = () => {}

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** @returns the value that was dropped to make room */
  push(value: T): T | undefined {
    this.#waiting.push(value)
    const dropped = this.#waiting.length > this.#capacity ? this.#waiting.shift() : undefined
    this.#wake()
    return dropped
  }

  /** No more values come. */
  close(): void {
    this.#closed = true
    this.#wake()
  }

  /** The oldest value, once there is one; undefined when all were taken and no more come. For one taker. */
  async take(): Promise<T | undefined> {
    while (this.#waiting.length === 0 && !this.#closed) await new Promise<void>(resolve => (this.#wake = resolve))
    return this.#waiting.shift()
  }
}
