/**
 * How far a partition may be committed. A message is registered when it is read, and is held by itself until it is decoded, by each
 * window that begins in it until that is settled, and by samples of it that wait for the rest of their window. What comes back after a
 * restart begins at `committable`, the first offset that something holds.
 * Offsets are whole numbers below 2^53. Offsets that the log does not have (compacted, or of control records) need no mention.
 */
export class Watermark {
  /** The first offset that was not read yet. */
  #position: number
  /** Offsets of messages with their holds, ascending. Those without a hold are removed once they are the most. */
  #entries: { readonly offset: number; holds: number }[] = []
  /** Index of the first entry with a hold. */
  #head = 0
  #live = 0

  /** @param start the offset that is read first */
  constructor(start: number) {
    this.#position = start
  }

  get position(): number {
    return this.#position
  }

  /** Everything before this offset is done. */
  get committable(): number {
    return this.#entries[this.#head]?.offset ?? this.#position
  }

  /** Messages that something holds. */
  get held(): number {
    return this.#live
  }

  /** Registers the message at `offset`, not before `position`, with one hold. */
  begin(offset: number): void {
    if (offset < this.#position) throw new RangeError(`offset ${offset} comes after ${this.#position}`)
    this.#entries.push({ offset, holds: 1 })
    this.#live++
    this.#position = offset + 1
  }

  /** Adds a hold to a message that was read and is not before `committable`, whether it has holds now or not. */
  hold(offset: number): void {
    if (offset < this.committable || offset >= this.#position) throw new RangeError(`offset ${offset} cannot be held`)
    const index = this.#indexOf(offset)
    const entry = this.#entries[index]
    if (entry?.offset === offset) {
      if (entry.holds++ === 0) this.#live++
      return
    }
    this.#entries.splice(index, 0, { offset, holds: 1 })
    this.#live++
  }

  release(offset: number): void {
    const entry = this.#entries[this.#indexOf(offset)]
    if (entry?.offset !== offset || entry.holds === 0) throw new RangeError(`nothing holds offset ${offset}`)
    if (--entry.holds > 0) return
    this.#live--
    while (this.#entries[this.#head]?.holds === 0) this.#head++
    this.#compact()
  }

  /** Passes over offsets that hold nothing to read. */
  skipTo(position: number): void {
    this.#position = Math.max(this.#position, position)
  }

  /** Of the first entry at or behind `offset`. */
  #indexOf(offset: number): number {
    let low = this.#head
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#entries[middle].offset < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  #compact(): void {
    if (this.#entries.length < 32 || this.#live * 2 > this.#entries.length) return
    this.#entries = this.#entries.filter(({ holds }) => holds > 0)
    this.#head = 0
  }
}
