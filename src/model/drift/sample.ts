import { quantile } from '../calibration.ts'
import { pack32, unpack32 } from '../packed.ts'
import { damaged } from './state.ts'

/** Places: a quartile of so many is known to about a tenth of the deviation. */
const CAPACITY = 128

/** Values of a stretch, of which every n-th is kept, so that they fit; for their quantiles. */
export class Sample {
  readonly #values = new Float32Array(CAPACITY)
  #size = 0
  #stride = 1
  #seen = 0

  push(value: number): void {
    if (this.#seen++ % this.#stride !== 0) return
    this.#values[this.#size++] = value
    if (this.#size < CAPACITY) return
    this.#size = CAPACITY / 2
    this.#stride *= 2
    for (let i = 0; i < this.#size; i++) this.#values[i] = this.#values[2 * i]
  }

  /** @returns the quantiles; NaN before the first value */
  quantiles(...q: readonly number[]): number[] {
    if (this.#size === 0) return q.map(() => Number.NaN)
    const sorted = this.#values.slice(0, this.#size).sort()
    return q.map(each => quantile(sorted, each))
  }

  clear(): void {
    this.#size = 0
    this.#stride = 1
    this.#seen = 0
  }

  snapshot(): { values: string; seen: number } {
    return { values: pack32(this.#values.subarray(0, this.#size)), seen: this.#seen }
  }

  /** @throws AUSCULT_STATE, and keeps its state */
  restore({ values: text, seen }: { values: string; seen: number }): void {
    const values = unpack32(text)
    let stride = 1
    while (Math.ceil(seen / stride) >= CAPACITY) stride *= 2
    if (values?.length !== Math.ceil(seen / stride)) throw damaged('block', 'its sample cannot be read')
    this.#values.set(values)
    this.#size = values.length
    this.#stride = stride
    this.#seen = seen
  }
}
