import { z } from '../../config.ts'
import { checkState, count, finite } from './state.ts'

/** Neighbours are not taken to be more alike than this. */
const MOST_CORRELATION = 0.9
/** Blocks after which the oldest begin to fade: a week of minutes. */
const MEMORY = 10_080

const stateSchema = z.strictObject({
  version: z.literal(1),
  count,
  mean: finite,
  squares: finite.nonnegative(),
  products: finite,
  last: finite,
})

/** Mean and deviation of block means, which follow each other and may be alike. */
export class Spread {
  #count = 0
  #mean = 0
  /** Mean squared deviation, and mean product of the deviations of neighbours. */
  #squares = 0
  #products = 0
  #last = 0

  get count(): number {
    return this.#count
  }

  get mean(): number {
    return this.#mean
  }

  /**
   * The deviation by which sums of many blocks scatter: σ √((1 + ρ) / (1 − ρ)) of a first-order autoregression with correlation ρ ≥ 0.
   */
  get deviation(): number {
    if (this.#squares === 0) return 0
    const correlation = Math.min(MOST_CORRELATION, Math.max(0, this.#products / this.#squares))
    return Math.sqrt((this.#squares * (1 + correlation)) / (1 - correlation))
  }

  push(value: number): void {
    this.#count++
    const weight = 1 / Math.min(this.#count, MEMORY)
    const before = value - this.#mean
    this.#mean += weight * before
    const product = before * (value - this.#mean)
    this.#squares += weight * (product - this.#squares)
    if (this.#count > 1) {
      const neighbours = (value - this.#mean) * (this.#last - this.#mean)
      this.#products += weight * (neighbours - this.#products)
    }
    this.#last = value
  }

  /** The values to come are relative to the mean. */
  recenter(): void {
    this.#last -= this.#mean
    this.#mean = 0
  }

  snapshot(): z.infer<typeof stateSchema> {
    const [count, mean, squares] = [this.#count, this.#mean, this.#squares]
    return { version: 1, count, mean, squares, products: this.#products, last: this.#last }
  }

  /** @throws AUSCULT_STATE, and keeps its state */
  restore(raw: unknown): void {
    const state = checkState(raw, stateSchema, 'spread of blocks')
    this.#count = state.count
    this.#mean = state.mean
    this.#squares = state.squares
    this.#products = state.products
    this.#last = state.last
  }
}
