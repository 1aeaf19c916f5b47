import type { SourceStatus } from '../telemetry.ts'
import type { MetricsConfig } from './config.ts'
import type { Pause } from './exposition.ts'
import { type Counts, NOTHING, Others, settled } from './others.ts'

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
  /** By name. A label is the name, unless that is no Unicode. */
  readonly #own = new Map<string, string>()
  readonly #taken = new Set([OTHERS])
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

  /** What a scrape shows. One call at a time. @param pause lets others have their turn, if it is time */
  async label(sources: readonly SourceStatus[], pause: Pause = () => undefined): Promise<Labelled[]> {
    const now = this.#now()
    const gone = new Set(sources.filter(source => this.#isGone(source, now)))
    for (const source of gone) this.#leave(source)
    const isNew = ({ name }: SourceStatus) => !this.#own.has(name) && !this.#others.has(name)
    await pause()
    const arrived = sources.filter(source => isNew(source) && !gone.has(source)).map(({ name }) => name)
    // Feeds before their keys.
    for (const name of arrived) if (!name.includes('/')) this.#admit(name)
    for (const name of arrived) if (name.includes('/')) this.#admit(name)
    const labelled: Labelled[] = []
    const others = new Others()
    this.omitted = 0
    for (const status of sources) {
      await pause()
      const before = this.#others.get(status.name)
      if (before) others.count(status, before)
      if (gone.has(status)) continue
      if (before) {
        others.add(status)
        this.omitted++
      } else labelled.push({ label: this.#own.get(status.name)!, status })
    }
    if (this.#others.size > 0) labelled.push({ label: OTHERS, status: others.status(OTHERS) })
    return labelled
  }

  #admit(name: string): void {
    const label = labelOf(name)
    const before = this.#left.get(name) ?? NOTHING
    this.#left.delete(name)
    if (this.#own.size < this.#config.max_sources && !this.#taken.has(label)) {
      this.#own.set(name, label)
      this.#taken.add(label)
    } else this.#others.set(name, before)
  }

  #leave(source: SourceStatus): void {
    const label = this.#own.get(source.name)
    if (label === undefined) return
    this.#own.delete(source.name)
    this.#taken.delete(label)
    this.#left.set(source.name, settled(source))
  }

  #isGone({ name, state }: SourceStatus, now: number): boolean {
    if (state !== 'handed_over') {
      this.#awaySince.delete(name)
      return false
    }
    const since = this.#awaySince.get(name) ?? now
    this.#awaySince.set(name, since)
    return now - since >= this.#config.handed_over_seconds * 1000
  }
}

/** Text that UTF-8 can hold: a broken surrogate becomes U+FFFD, as it would on its way. */
const labelOf = (name: string): string => Buffer.from(name).toString()
