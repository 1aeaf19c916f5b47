/** Reads bits from the most significant one on. Beyond the end it gives zeros and says so in `overrun`. */
export class BitReader {
  readonly #bytes: Uint8Array
  /** The next byte to take in. */
  #next: number
  /** The next bits, left-aligned in 32. */
  #cache = 0
  #held = 0

  constructor(bytes: Uint8Array, start = 0) {
    this.#bytes = bytes
    this.#next = start
  }

  /** Whether bits were asked for that are not there. */
  get overrun(): boolean {
    return this.#next - (this.#held >> 3) > this.#bytes.length
  }

  /** Position of the next byte; call it where bits are byte-aligned. */
  get position(): number {
    return this.#next - (this.#held >> 3)
  }

  /** Drops bits up to the next whole byte. */
  align(): void {
    const drop = this.#held & 7
    this.#cache <<= drop
    this.#held -= drop
  }

  /** An unsigned number of 0 to 32 bits. */
  read(count: number): number {
    if (count > 24) return this.read(count - 16) * 65536 + this.read(16)
    if (count === 0) return 0
    if (this.#held < count) this.#refill()
    const value = this.#cache >>> (32 - count)
    this.#cache <<= count
    this.#held -= count
    return value
  }

  /** A number in two's complement of 0 to 33 bits. */
  readSigned(count: number): number {
    if (count > 32) return (this.read(1) === 1 ? -(2 ** 32) : 0) + this.read(32)
    const value = this.read(count)
    return count > 0 && value >= 2 ** (count - 1) ? value - 2 ** count : value
  }

  /** The number of zeros before the next one, which is taken too. */
  unary(): number {
    let zeros = 0
    while (this.#cache === 0) {
      zeros += this.#held
      this.#held = 0
      if (this.#next > this.#bytes.length) return zeros
      this.#refill()
    }
    const more = Math.clz32(this.#cache)
    this.#cache = (this.#cache << more) << 1
    this.#held -= more + 1
    return zeros + more
  }

  #refill(): void {
    while (this.#held <= 24) {
      const byte = this.#next < this.#bytes.length ? this.#bytes[this.#next] : 0
      this.#next++
      this.#cache |= byte << (24 - this.#held)
      this.#held += 8
    }
  }
}
