import { z } from '../../config.ts'
import { seal, unseal } from './sealed.ts'

const contentSchema = z.strictObject({
  /** Checksum of the clusterer that this belongs to. */
  clusterer: z.string(),
  /** Id, the window that began it, windows so far (up to those that make it known), whether it is known. */
  born: z.array(z.tuple([z.number().int(), z.string(), z.number().int(), z.boolean()])),
})

/** A cluster that was begun while running. */
interface Born {
  readonly window: string
  windows: number
  known: boolean
}

/** With so many windows a cluster is no accident. */
const ENOUGH = 3

/**
 * Which clusters others know of: those of the training, and of the later ones those that had an anomalous window, or three. A single odd
 * window begins a cluster as well; nobody is to hear of it.
 */
export class Births {
  readonly #born = new Map<number, Born>()
  #hidden = 0

  /** The window that began a cluster; undefined for those of the training. */
  windowOf(id: number): string | undefined {
    return this.#born.get(id)?.window
  }

  isKnown(id: number): boolean {
    return this.#born.get(id)?.known ?? true
  }

  begin(id: number, window: string, known = false): void {
    this.#born.set(id, { window, windows: 0, known })
    if (!known) this.#hidden++
  }

  /** A window fell to the cluster. @returns whether that makes it known */
  see(id: number, anomalous: boolean): boolean {
    if (this.#hidden === 0) return false
    const born = this.#born.get(id)
    if (!born || born.known) return false
    born.windows++
    return (anomalous || born.windows >= ENOUGH) && this.make(id)
  }

  /** Makes a cluster known. @returns whether it was not */
  make(id: number): boolean {
    const born = this.#born.get(id)
    if (!born || born.known) return false
    born.known = true
    this.#hidden--
    return true
  }

  merge(from: number, into: number): void {
    const [gone, stays] = [this.#born.get(from), this.#born.get(into)]
    if (gone && stays && !stays.known) stays.windows += gone.windows
    this.forget(from)
  }

  forget(id: number): void {
    if (this.#born.get(id)?.known === false) this.#hidden--
    this.#born.delete(id)
  }

  /** @param clusterer checksum of the snapshot that this is kept with */
  state(clusterer: string): unknown {
    const born = [...this.#born].map(([id, { window, windows, known }]) => [id, window, windows, known])
    return seal({ clusterer, born })
  }

  /** @throws AUSCULT_STATE, also when it was kept with another snapshot */
  static restore(raw: unknown, clusterer: string): Births {
    const bound = contentSchema.refine(content => content.clusterer === clusterer)
    const births = new Births()
    for (const [id, window, windows, known] of unseal(raw, bound, 'births').born) {
      births.begin(id, window, known)
      births.#born.get(id)!.windows = windows
    }
    return births
  }
}
