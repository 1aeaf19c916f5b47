import { z } from '../../config.ts'
import { checkState, count, finite } from './state.ts'

export type Direction = 'up' | 'down'

/** What a sequential test says of a stream whose mean has changed. */
export interface Change {
  readonly direction: Direction
  /** The test statistic at the detection. */
  readonly value: number
  /** Mean before and since the estimated time of the change. */
  readonly before: number
  readonly after: number
  /** Values since then, this one included. */
  readonly length: number
}

/** A test that looks for changes of the mean, one value at a time. Values that are not finite change nothing. */
export interface SequentialTest {
  /** @returns a change that is seen with this value; the caller decides whether to `reset` */
  push(value: number): Change | undefined
  reset(): void
  snapshot(): unknown
  /** @throws AUSCULT_STATE, and keeps its state */
  restore(state: unknown): void
}

export interface PageHinkleyOptions {
  /** Change of the mean that is tolerated, in units of the values. */
  readonly delta: number
  /** λ: how far the cumulative sum may rise above its minimum (or fall below its maximum). */
  readonly threshold: number
  /** Values before a change can be detected. */
  readonly minimum: number
  /** Forgetting factor of the cumulative sums. */
  readonly alpha: number
}

/** A cumulative sum, and where it was at its extreme. */
const sideSchema = z.strictObject({ sum: finite, extreme: finite, at: count, total: finite })
type Side = z.infer<typeof sideSchema>

const stateSchema = z.strictObject({
  version: z.literal(1),
  count,
  mean: finite,
  total: finite,
  up: sideSchema,
  down: sideSchema,
})

const side = (): Side => ({ sum: 0, extreme: 0, at: 0, total: 0 })

/**
 * Two-sided Page–Hinkley test (Page 1954; Hinkley 1971) with the running mean as its reference. Detects at the same values as River's
 * `drift.PageHinkley` when it is reset after each detection.
 */
export class PageHinkley implements SequentialTest {
  readonly #options: PageHinkleyOptions
  #count = 0
  #mean = 0
  #total = 0
  #up = side()
  #down = side()

  constructor(options: PageHinkleyOptions) {
    this.#options = options
  }

  /** Mean of all values since the last reset. */
  get mean(): number {
    return this.#mean
  }

  push(value: number): Change | undefined {
    if (!Number.isFinite(value)) return undefined
    const { alpha, delta, threshold, minimum } = this.#options
    this.#count++
    this.#mean += (value - this.#mean) / this.#count
    this.#total += value
    const deviation = value - this.#mean
    const up = this.#follow(this.#up, alpha * this.#up.sum + deviation - delta, 1)
    const down = this.#follow(this.#down, alpha * this.#down.sum + deviation + delta, -1)
    if (this.#count < minimum || Math.max(up, down) <= threshold) return undefined
    return up >= down ? this.#change('up', up, this.#up) : this.#change('down', down, this.#down)
  }

  reset(): void {
    this.#count = 0
    this.#mean = 0
    this.#total = 0
    this.#up = side()
    this.#down = side()
  }

  snapshot(): z.infer<typeof stateSchema> {
    const [up, down] = [{ ...this.#up }, { ...this.#down }]
    return { version: 1, count: this.#count, mean: this.#mean, total: this.#total, up, down }
  }

  restore(raw: unknown): void {
    const state = checkState(raw, stateSchema, 'Page–Hinkley test')
    this.#count = state.count
    this.#mean = state.mean
    this.#total = state.total
    this.#up = state.up
    this.#down = state.down
  }

  /** @returns how far the sum is from its extreme */
  #follow(side: Side, sum: number, sign: 1 | -1): number {
    side.sum = sum
    if (sign * (sum - side.extreme) < 0) {
      side.extreme = sum
      side.at = this.#count
      side.total = this.#total
    }
    return sign * (sum - side.extreme)
  }

  #change(direction: Direction, value: number, { at, total }: Side): Change {
    const length = this.#count - at
    const after = (this.#total - total) / length
    return { direction, value, before: at > 0 ? total / at : after, after, length }
  }
}
