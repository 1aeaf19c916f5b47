/** A first-in first-out buffer of at most `capacity` items, without a promise or a search per item. */
export class Ring<T> {
  readonly capacity: number
  readonly #items: (T | undefined)[]
  #head = 0
  #length = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.#items = new Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  get full(): boolean {
    return this.#length === this.capacity
  }

  /** @throws RangeError when full */
  push(item: T): void {
    if (this.full) throw new RangeError('the ring is full')
    this.#items[(this.#head + this.#length) % this.capacity] = item
    this.#length++
  }

  /** The oldest item, or undefined. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head] = undefined
    this.#head = (this.#head + 1) % this.capacity
    this.#length--
    return item
  }
}
