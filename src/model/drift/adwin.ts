import { z } from '../../config.ts'
import type { Change, SequentialTest } from './page-hinkley.ts'
import { checkState, count, damaged, finite } from './state.ts'

export interface AdwinOptions {
  /** δ: confidence; smaller is rarer. */
  readonly delta: number
  /** Cuts are looked for every so many values. */
  readonly clock: number
  /** Buckets of one size: M of the paper. */
  readonly buckets: number
  /** Least length of both parts of a cut. */
  readonly minimum: number
  /** No cut is looked for before so many values. */
  readonly grace: number
}

export const ADWIN_DEFAULTS: AdwinOptions = { delta: 0.002, clock: 32, buckets: 5, minimum: 5, grace: 10 }

/** Values in a row: their sum, and the sum of squares around their mean. Row r of the histogram holds buckets of 2^r values. */
const bucketSchema = z.strictObject({ total: finite, squares: finite })
type Bucket = z.infer<typeof bucketSchema>

const stateSchema = z.strictObject({
  version: z.literal(1),
  tick: count,
  total: finite,
  squares: finite,
  rows: z.array(z.array(bucketSchema)).max(60),
})

/**
 * ADWIN2 (Bifet and Gavaldà, 2007): a window of as many recent values as have one mean, in an exponential histogram of
 * O(M log(length)) buckets. When two parts of it differ by more than chance would have it, the older is dropped.
 * Bounds are for values in a range of about 1. Cuts where River's `ADWIN` does.
 */
export class Adwin implements SequentialTest {
  readonly #options: AdwinOptions
  #tick = 0
  #width = 0
  #total = 0
  #squares = 0
  /** Oldest bucket first in each row; longer rows are older. */
  #rows: Bucket[][] = [[]]

  constructor(options: AdwinOptions = ADWIN_DEFAULTS) {
    this.#options = options
  }

  /** Values in the window. */
  get width(): number {
    return this.#width
  }

  get mean(): number {
    return this.#width > 0 ? this.#total / this.#width : 0
  }

  get variance(): number {
    return this.#width > 0 ? Math.max(0, this.#squares / this.#width) : 0
  }

  push(value: number): Change | undefined {
    if (!Number.isFinite(value)) return undefined
    this.#rows[0].push({ total: value, squares: 0 })
    if (this.#width > 0) this.#squares += (this.#width * (value - this.mean) ** 2) / (this.#width + 1)
    this.#width++
    this.#total += value
    this.#compress()
    this.#tick++
    const due = this.#tick % this.#options.clock === 0 && this.#width > this.#options.grace
    return due ? this.#shrink() : undefined
  }

  reset(): void {
    this.#tick = 0
    this.#width = 0
    this.#total = 0
    this.#squares = 0
    this.#rows = [[]]
  }

  snapshot(): z.infer<typeof stateSchema> {
    const rows = this.#rows.map(row => row.map(bucket => ({ ...bucket })))
    return { version: 1, tick: this.#tick, total: this.#total, squares: this.#squares, rows }
  }

  restore(raw: unknown): void {
    const state = checkState(raw, stateSchema, 'ADWIN window')
    if (state.rows.some(row => row.length > this.#options.buckets)) throw damaged('ADWIN window', 'a row is too long')
    this.#rows = state.rows.length > 0 ? state.rows : [[]]
    this.#width = this.#rows.reduce((sum, row, r) => sum + row.length * 2 ** r, 0)
    this.#tick = state.tick
    this.#total = state.total
    this.#squares = state.squares
  }

  /** Merges the two oldest buckets of a row that is over-full into one of the next. */
  #compress(): void {
    for (let r = 0; r < this.#rows.length && this.#rows[r].length > this.#options.buckets; r++) {
      const [a, b] = this.#rows[r].splice(0, 2)
      const size = 2 ** r
      const between = (size / 2) * ((a.total - b.total) / size) ** 2
      this.#rows[r + 1] ??= []
      this.#rows[r + 1].push({ total: a.total + b.total, squares: a.squares + b.squares + between })
    }
  }

  #shrink(): Change | undefined {
    const before = { total: 0, width: 0 }
    let value = 0
    for (let cut = this.#cut(); cut !== undefined; cut = this.#cut()) {
      value = Math.max(value, cut)
      const { total, width } = this.#dropOldest()
      before.total += total
      before.width += width
    }
    if (before.width === 0) return undefined
    const [old, after] = [before.total / before.width, this.mean]
    return { direction: after >= old ? 'up' : 'down', value, before: old, after, length: this.#width }
  }

  /** @returns difference of the means over its bound at the oldest cut where that is above 1 */
  #cut(): number | undefined {
    const { minimum } = this.#options
    let [n0, total0] = [0, 0]
    for (let r = this.#rows.length - 1; r >= 0; r--) {
      for (const { total } of this.#rows[r]) {
        n0 += 2 ** r
        total0 += total
        const n1 = this.#width - n0
        if (n0 < minimum || n1 < minimum) continue
        const difference = Math.abs(total0 / n0 - (this.#total - total0) / n1)
        const ratio = difference / this.#bound(n0, n1)
        if (ratio > 1) return ratio
      }
    }
    return undefined
  }

  #bound(n0: number, n1: number): number {
    const { delta, minimum } = this.#options
    const confidence = Math.log((2 * Math.log(this.#width)) / delta)
    const reciprocal = 1 / (n0 - minimum + 1) + 1 / (n1 - minimum + 1)
    return Math.sqrt(2 * reciprocal * this.variance * confidence) + (2 / 3) * confidence * reciprocal
  }

  #dropOldest(): { total: number; width: number } {
    const row = this.#rows.length - 1
    const { total, squares } = this.#rows[row].shift()!
    const width = 2 ** row
    this.#width -= width
    this.#total -= total
    const between = (width * this.#width * (total / width - this.mean) ** 2) / (width + this.#width)
    this.#squares -= squares + between
    while (this.#rows.length > 1 && this.#rows.at(-1)!.length === 0) this.#rows.pop()
    return { total, width }
  }
}
