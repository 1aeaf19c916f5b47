import type { Delivery } from '../types.ts'
import type { FailureReport, Source, WindowSpec } from './source.ts'

/** A feed that is pushed into from the same process: for tests, and for programs that have their samples already. */
export class MemorySource implements Source {
  readonly name: string
  readonly overflow: Source['overflow']

  constructor(name: string, spec: WindowSpec, options: { overflow?: Source['overflow']; start?: number } = {}) {
    this.name = name
    this.overflow = options.overflow ?? 'pause'
    void spec
  }

  /** The next samples of the feed (audio: any number of them), or one frame. Copied. */
  push(_data: Float32Array): void {}

  /** Ends the feed: `deliveries` returns once what was pushed has been delivered. */
  end(): void {}

  async *deliveries(_signal: AbortSignal, _onFailure: FailureReport): AsyncIterable<Delivery> {}
}
