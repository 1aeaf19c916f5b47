/** Good blocks of the last ones that end a trouble: one alone is a click. */
const GOOD_BLOCKS = 3

/**
 * A trouble that begins after `blocks` bad blocks in a row, and ends once three of the last `blocks` (or all, if those are fewer) were good. What is
 * neither bad nor good, between the two levels of a hysteresis, breaks off a row of bad ones and ends nothing.
 */
export class Latch {
  readonly #good: Uint8Array
  readonly #enough: number
  #at = 0
  #goodCount = 0
  #badRow = 0
  #on = false

  constructor(blocks: number) {
    this.#good = new Uint8Array(blocks)
    this.#enough = Math.min(GOOD_BLOCKS, blocks)
  }

  /** @returns whether the trouble began (true) or ended (false) with this block; undefined when nothing changed */
  push(bad: boolean, good: boolean): boolean | undefined {
    this.#badRow = bad ? this.#badRow + 1 : 0
    this.#goodCount += Number(good) - this.#good[this.#at]
    this.#good[this.#at] = Number(good)
    this.#at = (this.#at + 1) % this.#good.length
    if (!this.#on && this.#badRow >= this.#good.length) return this.#turn(true)
    if (this.#on && this.#goodCount >= this.#enough) return this.#turn(false)
    return undefined
  }

  /** Forgets the blocks, but not whether there is a trouble. */
  reset(): void {
    this.#good.fill(0)
    this.#goodCount = 0
    this.#badRow = 0
  }

  #turn(on: boolean): boolean {
    this.#on = on
    return on
  }
}
