import type { Labels, Sample } from './exposition.ts'

/** A histogram that is cheap to add to: a few nanoseconds, and no more for many equal values. */
export class Distribution {
  readonly #bounds: Float64Array
  /** By bucket, the last of them above all bounds; not cumulative. */
  readonly #counts: Float64Array
  #sum = 0

  /** @param bounds upper ends of the buckets, ascending */
  constructor(bounds: readonly number[]) {
    this.#bounds = Float64Array.from(bounds)
    this.#counts = new Float64Array(bounds.length + 1)
  }

  /** Adds a finite value `count` times. */
  add(value: number, count = 1): void {
    const bounds = this.#bounds
    let bucket = 0
    while (bucket < bounds.length && value > bounds[bucket]) bucket++
    this.#counts[bucket] += count
    this.#sum += value * count
  }

  samples(name: string, labels: Labels = {}): Sample[] {
    const bucket = (le: string | number, value: number) => ({
      metricName: `${name}_bucket`,
      labels: { le: String(le), ...labels },
      value,
    })
    let count = 0
    const buckets = Array.from(this.#bounds, (bound, i) => {
      count += this.#counts[i]
      return bucket(bound, count)
    })
    count += this.#counts[this.#bounds.length]
    return [
      ...buckets,
      bucket('+Inf', count),
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: count },
    ]
  }
}
