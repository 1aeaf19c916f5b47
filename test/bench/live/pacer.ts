import { createHistogram } from 'node:perf_hooks'

/** Milliseconds between two looks at the clock, and that one look may take: who is late lets others work, too. */
const TICK_MS = 2
const TURN_MS = 5

/**
 * Plays many recorders at once: feed i begins to capture `offsets[i]` ms after the start, and each of its chunks is due when its last
 * sample has been captured. One timer for all, and feeds in the order of their phases, so that a chunk costs no search.
 */
export class Pacer {
  /** Microseconds from when a chunk was due to when it was handed over. */
  readonly lateness = createHistogram()
  /** Milliseconds spent in handing over. */
  busy = 0
  /** When the clock started, as `performance.now()`. */
  epoch = 0
  readonly #offsets: Float64Array
  readonly #order: Uint32Array
  readonly #chunkMs: number
  readonly #deliver: (feed: number) => void
  #running = false
  #cursor = 0
  #cycle = 0

  constructor(offsets: Float64Array, chunkMs: number, deliver: (feed: number) => void) {
    this.#offsets = offsets
    this.#chunkMs = chunkMs
    this.#deliver = deliver
    this.#order = Uint32Array.from(offsets.keys()).sort((a, b) => (offsets[a] % chunkMs) - (offsets[b] % chunkMs))
  }

  start(): void {
    this.epoch = performance.now()
    this.#running = true
    this.#tick()
  }

  stop(): void {
    this.#running = false
  }

  #tick(): void {
    if (!this.#running) return
    const began = performance.now()
    let late = 0
    while (performance.now() - began < TURN_MS) {
      const feed = this.#order[this.#cursor]
      const offset = this.#offsets[feed]
      const due = (offset % this.#chunkMs) + this.#cycle * this.#chunkMs
      late = performance.now() - this.epoch - due
      if (late < 0) break
      if (due > offset) {
        this.lateness.record(Math.max(1, Math.round(late * 1000)))
        this.#deliver(feed)
      }
      this.#cursor = (this.#cursor + 1) % this.#order.length
      if (this.#cursor === 0) this.#cycle++
    }
    this.busy += performance.now() - began
    if (late < 0) setTimeout(() => this.#tick(), TICK_MS)
    else setImmediate(() => this.#tick())
  }
}
