import { z } from '../../config.ts'
import { checkState, count, damaged, finite } from './state.ts'

/** The windows of a stretch of feed time, summed up. */
export interface Block {
  /** Milliseconds since the epoch of its first window, and of its end: a window's distance behind the last, whatever gap follows. */
  readonly from: number
  readonly to: number
  /** All windows, and those of them that were anomalous. */
  readonly windows: number
  readonly anomalous: number
  /** Mean and variance of the values of those that were counted; NaN where none was. */
  readonly mean: number
  readonly variance: number
  readonly counted: number
  /** Counted windows by bin. */
  readonly bins: Float64Array
}

const stateSchema = z.strictObject({
  version: z.literal(1),
  from: finite.nullable(),
  last: finite,
  windows: count,
  anomalous: count,
  sum: finite,
  squares: finite,
  counted: count,
  bins: z.array(count),
})

/** Gathers windows of a source to blocks of at least `milliseconds` and `windows`. A late window goes to the block that is open. */
export class Blocks {
  readonly #milliseconds: number
  readonly #least: number
  #from: number | undefined
  #last = 0
  #windows = 0
  #anomalous = 0
  #sum = 0
  #squares = 0
  #counted = 0
  #bins: Float64Array

  constructor(milliseconds: number, windows: number, bins: number) {
    this.#milliseconds = milliseconds
    this.#least = windows
    this.#bins = new Float64Array(bins)
  }

  /**
   * @param value what is averaged; undefined leaves the window out of mean and bins
   * @returns the block that ended before this window, if one did
   */
  push(time: number, anomalous: boolean, value: number | undefined, bin = 0): Block | undefined {
    const due = this.#from !== undefined && time - this.#from >= this.#milliseconds && this.#windows >= this.#least
    const done = due ? this.#finish() : undefined
    this.#last = this.#from === undefined ? time : Math.max(this.#last, time)
    this.#from ??= time
    this.#windows++
    if (anomalous) this.#anomalous++
    if (value === undefined) return done
    this.#sum += value
    this.#squares += value * value
    this.#counted++
    if (bin < this.#bins.length) this.#bins[bin]++
    return done
  }

  snapshot(): z.infer<typeof stateSchema> {
    return {
      version: 1,
      from: this.#from ?? null,
      last: this.#last,
      windows: this.#windows,
      anomalous: this.#anomalous,
      sum: this.#sum,
      squares: this.#squares,
      counted: this.#counted,
      bins: [...this.#bins],
    }
  }

  /** @throws AUSCULT_STATE, and keeps its state */
  restore(raw: unknown): void {
    const state = checkState(raw, stateSchema, 'block')
    if (state.bins.length !== this.#bins.length) throw damaged('block', 'it has another number of bins')
    this.#from = state.from ?? undefined
    this.#last = state.last
    this.#windows = state.windows
    this.#anomalous = state.anomalous
    this.#sum = state.sum
    this.#squares = state.squares
    this.#counted = state.counted
    this.#bins = Float64Array.from(state.bins)
  }

  #finish(): Block {
    const from = this.#from!
    const to = this.#last + (this.#last - from) / Math.max(1, this.#windows - 1)
    const mean = this.#sum / this.#counted
    const variance = Math.max(0, this.#squares / this.#counted - mean * mean)
    const [windows, anomalous, counted, bins] = [this.#windows, this.#anomalous, this.#counted, this.#bins]
    const block = { from, to, windows, anomalous, mean, variance, counted, bins }
    this.#from = undefined
    this.#windows = 0
    this.#anomalous = 0
    this.#sum = 0
    this.#squares = 0
    this.#counted = 0
    this.#bins = new Float64Array(bins.length)
    return block
  }
}
