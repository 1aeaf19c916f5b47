import type { Source, WindowSpec } from '../../src/ingest/source.ts'
import { Synthesizer } from '../../src/train/synth/index.ts'
import type { Delivery, SourceReports } from '../../src/types.ts'

/** Milliseconds from one turn to the next. */
const TURN = 250

/** Cuts windows out of a take of the demo's machine, `n` every quarter of a second. */
abstract class SynthesizedFeed implements Source {
  readonly name: string
  abstract readonly overflow: Source['overflow']
  readonly #spec: WindowSpec
  readonly #windows: Float32Array[]
  #index = 0

  constructor(name: string, spec: WindowSpec, gain = 1) {
    this.name = name
    this.#spec = spec
    const take = new Synthesizer({ seed: 1, take: 90 })
    this.#windows = Array.from({ length: 40 }, () => take.read(spec.shape[0]).map(sample => sample * gain))
  }

  async *deliveries(signal: AbortSignal, reports: SourceReports): AsyncIterable<Delivery> {
    for (let turn = 0; !signal.aborted; turn++) {
      yield* this.turn(turn, reports)
      await new Promise(resolve => setTimeout(resolve, TURN))
    }
  }

  protected abstract turn(turn: number, reports: SourceReports): Iterable<Delivery>

  /** The next window. @param late milliseconds that it is older than now */
  protected next(late = 0): Delivery {
    const index = this.#index++
    const data = Float32Array.from(this.#windows[index % this.#windows.length])
    const offset = index * this.#spec.hop
    const place = { source: this.name, id: `${this.name}/a/${offset}`, index, stream: 'a', offset }
    return { window: { ...place, time: Date.now() - late, data, shape: this.#spec.shape }, ack: () => {} }
  }
}

/** Everything that can be the matter with a feed is, and its windows are quieter than those that were learned from. */
export class TroubledFeed extends SynthesizedFeed {
  readonly overflow = 'pause'

  protected *turn(turn: number, reports: SourceReports): Iterable<Delivery> {
    const { name: source } = this
    reports.lag(source, 5000)
    reports.condition(source, 'wrong_rate', 'as it has no clock')
    if (turn % 2 === 0)
      reports.failed({ source, reason: 'decode', at: `a, ${turn}`, error: new Error('cut'), windows: 1 })
    if (turn % 4 === 1) reports.gap(source, `a, ${turn}`)
    if (turn % 4 === 2) reports.restarted(source)
    yield this.next(turn % 4 === 3 ? 10_000 : 0)
  }
}

/** More windows at once than the queue holds. */
export class FloodingFeed extends SynthesizedFeed {
  readonly overflow = 'drop-oldest'

  protected *turn(): Iterable<Delivery> {
    for (let i = 0; i < 40; i++) yield this.next()
  }
}
