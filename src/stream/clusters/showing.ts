import type { Update } from '../../model/clusters/clusterer.ts'
import type { Exemplars } from '../../model/clusters/exemplars.ts'
import type { Score } from '../../types.ts'

interface Shown {
  readonly window: string
  readonly distance: number
}

interface Run {
  readonly shown: Map<number, Shown>
  /** Normal windows in a row. */
  normal: number
}

/** A run ends with so many normal windows. */
const CALM = 3
/** Clusters of a run that are remembered. */
const MOST = 64

/**
 * Offers anomalous windows as exemplars: of each run of them the one nearest to the centre, so that a long fault does not take the place of
 * all that was like it before.
 */
export class Showing {
  readonly #exemplars: Exemplars
  readonly #runs = new Map<string, Run>()

  constructor(exemplars: Exemplars) {
    this.#exemplars = exemplars
  }

  /** @returns whether the exemplars changed */
  anomalous({ source, id: window, time, latent }: Score, { id, distance }: Update): boolean {
    const run = this.#runs.get(source) ?? { shown: new Map<number, Shown>(), normal: 0 }
    this.#runs.set(source, run)
    run.normal = 0
    const before = run.shown.get(id)
    if (before && before.distance <= distance) return false
    if (before) this.#exemplars.withdraw(id, before.window)
    if (run.shown.size > MOST) run.shown.clear()
    run.shown.set(id, { window, distance })
    this.#exemplars.offer(id, { window, time, distance }, latent)
    return true
  }

  normal(source: string): void {
    const run = this.#runs.get(source)
    if (run && ++run.normal >= CALM) this.#runs.delete(source)
  }
}
