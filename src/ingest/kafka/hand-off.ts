/**
 * Passes items from several producers to one consumer, one at a time and without a buffer: `offer` resolves when the item was taken, so
 * whoever offers waits as long as the consumer does.
 */
export class HandOff<T> {
  #offers: { readonly item: T; settle(taken: boolean): void }[] = []
  #wanted: ((item: IteratorResult<T, undefined>) => void) | undefined
  #closed = false

  /** @returns whether it was taken; false when it was withdrawn, and is still the producer's */
  offer(item: T): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false)
    const wanted = this.#wanted
    if (wanted) {
      this.#wanted = undefined
      wanted({ value: item, done: false })
      return Promise.resolve(true)
    }
    return new Promise(settle => this.#offers.push({ item, settle }))
  }

  /** Gives back what nobody has taken yet. */
  withdraw(): void {
    const offers = this.#offers
    this.#offers = []
    for (const { settle } of offers) settle(false)
  }

  /** Ends `taken`. */
  close(): void {
    this.#closed = true
    this.withdraw()
    this.#wanted?.({ value: undefined, done: true })
    this.#wanted = undefined
  }

  /** The items, for one consumer. */
  async *taken(): AsyncGenerator<T, void> {
    for (;;) {
      const { value, done } = await this.#next()
      if (done) return
      yield value
    }
  }

  #next(): Promise<IteratorResult<T, undefined>> {
    const offer = this.#offers.shift()
    if (offer) {
      offer.settle(true)
      return Promise.resolve({ value: offer.item, done: false })
    }
    if (this.#closed) return Promise.resolve({ value: undefined, done: true })
    return new Promise(resolve => {
      this.#wanted = resolve
    })
  }
}
