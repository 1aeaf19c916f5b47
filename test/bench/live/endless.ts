import type { Source, WindowSpec } from '../../../src/ingest/source.ts'
import { giveBack, takeArray } from '../../../src/ingest/window-arrays.ts'
import type { Delivery } from '../../../src/types.ts'

/** A recording without end that waits for the daemon, as files and Kafka do. */
export class EndlessSource implements Source {
  readonly name: string
  readonly overflow = 'pause'
  /** Windows that were asked for. */
  pulled = 0
  readonly #size: number

  constructor(name: string, { shape }: WindowSpec) {
    this.name = name
    this.#size = shape[0]
  }

  async *deliveries(signal: AbortSignal): AsyncIterable<Delivery> {
    for (; !signal.aborted; this.pulled++) yield this.#deliver()
  }

  #deliver(): Delivery {
    const data = takeArray(this.#size).fill(0.01)
    const offset = this.pulled * this.#size
    const place = {
      source: this.name,
      id: `${this.name}/endless/${offset}`,
      index: this.pulled,
      stream: 'endless',
      offset,
    }
    return {
      window: { ...place, time: offset, data, shape: [this.#size] },
      ack: () => {},
      recycle: () => giveBack(data),
    }
  }
}
