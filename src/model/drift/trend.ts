import { z } from '../../config.ts'
import { checkState, count, finite } from './state.ts'

const stateSchema = z.strictObject({ version: z.literal(1), count, mean: finite, moment: finite })

/** Least-squares line through values that are evenly spaced. */
export class Trend {
  #count = 0
  #mean = 0
  /** Sum of (i − mean i)(value − mean). */
  #moment = 0

  /** Change along the line from the first value to the last. */
  get change(): number {
    const n = this.#count
    return n < 2 ? 0 : (12 * this.#moment) / (n * (n + 1))
  }

  push(value: number): void {
    const i = this.#count
    this.#count++
    const difference = value - this.#mean
    this.#mean += difference / this.#count
    // The index that comes is i, the mean of those before (i − 1) / 2.
    this.#moment += ((i + 1) / 2) * difference * (i / this.#count)
  }

  reset(): void {
    this.#count = 0
    this.#mean = 0
    this.#moment = 0
  }

  snapshot(): z.infer<typeof stateSchema> {
    return { version: 1, count: this.#count, mean: this.#mean, moment: this.#moment }
  }

  /** @throws AUSCULT_STATE, and keeps its state */
  restore(raw: unknown): void {
    const state = checkState(raw, stateSchema, 'trend')
    this.#count = state.count
    this.#mean = state.mean
    this.#moment = state.moment
  }
}
