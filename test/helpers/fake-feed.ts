import type { Feed } from '../../src/stream/feed.ts'
import type { Delivery, SourceFailure, SourceReports } from '../../src/types.ts'
import { WINDOW, windowOf } from './fake-scorer.ts'

/** A feed of windows with given scores; says what was pulled and acknowledged. Each window is half a second after the one before. */
export class FakeFeed implements Feed {
  readonly name: string
  readonly overflow: Feed['overflow']
  readonly acked: number[] = []
  /** Windows whose arrays came back; nobody sees their samples from then on. */
  readonly recycled: number[] = []
  /** Windows that the pipeline has asked for so far. */
  pulled = 0
  /** Windows that are scored, their acknowledgement held back. */
  readonly held: number[] = []
  resumable = false
  /** The source of each window, by its index. */
  sourceOf: (index: number) => string = () => this.name
  timeOf: (index: number) => number = index => index * 500
  reports: SourceReports | undefined
  /** Set before the start. */
  failures: SourceFailure[] = []
  /** Whether the feed ends after its last window, fails, or stays silent until it is aborted. */
  after: 'end' | 'fail' | 'silence' | 'hang' = 'end'
  /** Milliseconds before each window. */
  pace = 0
  readonly #data: readonly (number | Float32Array)[]

  constructor(name: string, data: readonly (number | Float32Array)[], overflow: Feed['overflow'] = 'pause') {
    this.name = name
    this.overflow = overflow
    this.#data = data
  }

  async *deliveries(signal: AbortSignal, reports: SourceReports): AsyncIterable<Delivery> {
    this.reports = reports
    for (const failure of this.failures) reports.failed(failure)
    for (const [index, value] of this.#data.entries()) {
      if (this.pace > 0) await new Promise(resolve => setTimeout(resolve, this.pace))
      if (signal.aborted) return
      this.pulled++
      yield this.#deliver(index, value)
    }
    if (this.after === 'fail') throw new Error('the cable is cut')
    if (this.after === 'hang') await new Promise(() => {})
    if (this.after === 'silence' && !signal.aborted) {
      await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
    }
  }

  #deliver(index: number, value: number | Float32Array): Delivery {
    const offset = index * WINDOW
    const source = this.sourceOf(index)
    const place = { source, id: `${source}/a/${offset}`, index, stream: 'a', offset, time: this.timeOf(index) }
    const data = typeof value === 'number' ? windowOf(value) : value
    const window = { ...place, data, shape: [data.length] }
    return {
      window,
      ack: () => this.acked.push(index),
      hold: () => this.held.push(index),
      recycle: () => {
        this.recycled.push(index)
        window.data.fill(Number.NaN)
      },
    }
  }
}
