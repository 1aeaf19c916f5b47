import { setImmediate as turn } from 'node:timers/promises'
import { collectDefaultMetrics, type Metric, Registry } from 'prom-client'
import { Distribution } from './distribution.ts'

export type Labels = Readonly<Record<string, string>>

/** A value in the exposition; of a histogram with the name of its part. */
export interface Sample {
  readonly value: number
  readonly labels: Labels
  /** Labels that many samples have: the same object is written down once. */
  readonly sharedLabels?: Labels
  readonly metricName?: string
}

/** A metric as it is registered. */
export interface Declared {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

/** Undefined while there is no need. */
export type Pause = () => Promise<void> | undefined

/** Milliseconds that a scrape holds up windows at a time. */
const HOLD_MS = 3
/** Values that are written in one go. */
const CHUNK = 500

const NO_LABELS: Labels = {}

/** The values of a counter or gauge, set anew in every scrape: those of labels that are not set are not there. */
export class Values {
  #samples: Sample[] = []
  #written = 0

  set(value: number, labels: Labels = NO_LABELS): void {
    this.#samples.push({ value, labels: NO_LABELS, sharedLabels: labels })
  }

  clear(): void {
    this.#samples = []
    this.#written = 0
  }

  /** Whether there are values that `next` has not given. */
  get more(): boolean {
    return this.#written < this.#samples.length
  }

  next(): readonly Sample[] {
    const from = this.#written
    this.#written = Math.min(this.#samples.length, from + CHUNK)
    return this.#samples.slice(from, this.#written)
  }
}

/** Metrics with their types and help, and the text of all of them for Prometheus. */
export class Exposition {
  readonly declared: Declared[] = []
  readonly #registry = new Registry()
  readonly #values = new Map<string, Values>()

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  counter(name: string, help: string, ...labels: string[]): Values {
    return this.#register({ name, type: 'counter', help, labels })
  }

  gauge(name: string, help: string, ...labels: string[]): Values {
    return this.#register({ name, type: 'gauge', help, labels })
  }

  histogram(name: string, help: string, bounds: readonly number[]): Distribution {
    const distribution = new Distribution(bounds)
    this.#add({ name, type: 'histogram', help, labels: [] }, () => distribution.samples(name))
    return distribution
  }

  /** A histogram for each value of a label. */
  histograms<L extends string>(
    name: string,
    help: string,
    bounds: readonly number[],
    label: string,
    values: readonly L[],
  ): Readonly<Record<L, Distribution>> {
    const entries = values.map(value => [value, new Distribution(bounds)] as const)
    this.#add({ name, type: 'histogram', help, labels: [label] }, () =>
      entries.flatMap(([value, distribution]) => distribution.samples(name, { [label]: value })),
    )
    return Object.fromEntries(entries) as Record<L, Distribution>
  }

  /** The text of all metrics, with what `set` sets. Windows have their turn between. */
  async render(set: (pause: Pause) => Promise<void>): Promise<string> {
    for (const values of this.#values.values()) values.clear()
    const pause = pauses()
    await set(pause)
    const texts: string[] = []
    for (const { name } of this.#registry.getMetricsAsArray()) {
      texts.push('', await this.#registry.getSingleMetricAsString(name))
      await pause()
      while (this.#values.get(name)?.more) {
        const [, , ...lines] = (await this.#registry.getSingleMetricAsString(name)).split('\n')
        texts.push(lines.join('\n'))
        await pause()
      }
    }
    return `${texts.slice(1).join('\n')}\n`
  }

  #register(declared: Declared): Values {
    const values = new Values()
    this.#values.set(declared.name, values)
    this.#add(declared, () => values.next())
    return values
  }

  #add(declared: Declared, samples: () => readonly Sample[]): void {
    this.declared.push(declared)
    const { name, help, type, labels } = declared
    // Of a metric the registry uses its name and `get`.
    const metric = { name, help, type, labelNames: labels, get: async () => ({ name, help, type, values: samples() }) }
    this.#registry.registerMetric(metric as unknown as Metric)
  }
}

/** Lets everything else have its turn, when it has waited long enough. */
function pauses(): Pause {
  let since = performance.now()
  const pause = async () => {
    await turn()
    since = performance.now()
  }
  return () => (performance.now() - since < HOLD_MS ? undefined : pause())
}
