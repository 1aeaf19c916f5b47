import type { SourceStatus } from '../telemetry.ts'
import type { MetricsConfig } from './config.ts'
import { type Counts, NOTHING, settled, together } from './others.ts'

/** Label of the sources that have no series of their own. */
export const OTHERS = '(others)'

export interface Labelled {
  readonly label: string
  readonly status: SourceStatus
}

/**
 * Which sources have series of their own: those that came first, up to a bound. The rest are one source, `(others)`. A source stays what it
 * is, so that no counter falls, and is left out once another daemon has had it for long; then its place is free.
 */
export class SourceLabels {
  /** Sources without series of their own, without those that are left out. */
  omitted = 0
  readonly #config: MetricsConfig
  readonly #now: () => number
  /** By label, which is the name unless that is no Unicode. */
  readonly #own = new Map<string, string>()
  /** What those among the others had counted before they were. */
  readonly #others = new Map<string, Counts>()
  /** What those that are left out had counted when they were. */
  readonly #left = new Map<string, Counts>()
  readonly #awaySince = new Map<string, number>()

  /** @param now milliseconds that never go back */
  constructor(config: MetricsConfig, now: () => number = () => performance.now()) {
    this.#config = config
    this.#now = now
  }

  /** What a scrape shows. */
  label(sources: readonly SourceStatus[]): Labelled[] {
    const gone = new Set(sources.filter(source => this.#isGone(source)))
    for (const source of gone) this.#leave(source)
    const here = sources.filter(source => !gone.has(source))
    // Feeds before their keys.
    for (const source of here) if (!source.name.includes('/')) this.#admit(source.name)
    for (const source of here) this.#admit(source.name)
    const own = here.filter(({ name }) => !this.#others.has(name))
    const others = here.filter(({ name }) => this.#others.has(name))
    this.omitted = others.length
    const labelled = own.map(status => ({ label: labelOf(status.name), status }))
    if (this.#others.size === 0) return labelled
    const counted = sources.flatMap(source => {
      const before = this.#others.get(source.name)
      return before ? [{ source, before }] : []
    })
    return [...labelled, { label: OTHERS, status: together(OTHERS, counted, others) }]
  }

  #admit(name: string): void {
    const label = labelOf(name)
    if (this.#own.get(label) === name || this.#others.has(name)) return
    const before = this.#left.get(name) ?? NOTHING
    this.#left.delete(name)
    if (this.#own.size < this.#config.max_sources && !this.#own.has(label) && label !== OTHERS)
      this.#own.set(label, name)
    else this.#others.set(name, before)
  }

  #leave(source: SourceStatus): void {
    const label = labelOf(source.name)
    if (this.#own.get(label) !== source.name) return
    this.#own.delete(label)
    this.#left.set(source.name, settled(source))
  }

  #isGone({ name, state }: SourceStatus): boolean {
    if (state !== 'handed_over') {
      this.#awaySince.delete(name)
      return false
    }
    const since = this.#awaySince.get(name) ?? this.#now()
    this.#awaySince.set(name, since)
    return this.#now() - since >= this.#config.handed_over_seconds * 1000
  }
}

/** Text that UTF-8 can hold: a broken surrogate becomes U+FFFD, as it would on its way. */
const labelOf = (name: string): string => Buffer.from(name).toString()
