import { z } from '../../config.ts'
import { pack32, unpack32 } from '../packed.ts'
import { refusal } from './snapshot.ts'

const savedSchema = z.strictObject({
  window: z.string(),
  time: z.number(),
  distance: z.number(),
  /** Base64 of little-endian float32. */
  latent: z.string(),
})

const stateSchema = z.array(
  z.strictObject({ id: z.number().int().positive(), central: z.array(savedSchema), recent: z.array(savedSchema) }),
)

type Saved = z.infer<typeof savedSchema>
export type ExemplarsState = z.infer<typeof stateSchema>

/** A window that shows what a cluster is like. */
export interface Exemplar {
  /** Id of the window, `source/stream/offset`. */
  readonly window: string
  /** ms since the epoch. */
  readonly time: number
  /** From its cluster's centre when it came. */
  readonly distance: number
  readonly latent: Float32Array
}

interface Kept {
  /** By distance, the nearest first. */
  central: Exemplar[]
  /** In the order in which they came. */
  recent: Exemplar[]
}

const NONE: Kept = { central: [], recent: [] }
const all = () => true

/** For each cluster a few windows: those nearest to its centre, and the latest. Both lists are bounded. */
export class Exemplars {
  private readonly kept = new Map<number, Kept>()
  private readonly most: number

  /** @param most windows of each of the two kinds that are kept of a cluster */
  constructor(most = 8) {
    this.most = most
  }

  /** A window that is kept already takes its new place. */
  offer(id: number, { window, time, distance }: Omit<Exemplar, 'latent'>, latent: Float32Array): void {
    this.withdraw(id, window)
    this.fill(this.keptOf(id), [{ window, time, distance, latent: latent.slice() }])
  }

  withdraw(id: number, window: string): void {
    const kept = this.kept.get(id)
    if (!kept) return
    for (const list of [kept.central, kept.recent]) {
      const place = list.findIndex(exemplar => exemplar.window === window)
      if (place >= 0) list.splice(place, 1)
    }
  }

  /** The windows of `from` count for `into` as well. */
  merge(from: number, into: number): void {
    const given = this.kept.get(from)
    if (!given) return
    const kept = this.keptOf(into)
    const recent = [...kept.recent, ...given.recent].sort((a, b) => a.time - b.time)
    kept.recent = []
    this.fill(kept, recent)
    this.fill({ central: kept.central, recent: [] }, given.central)
    this.kept.delete(from)
  }

  forget(id: number): void {
    this.kept.delete(id)
  }

  /** The clusters that have any. */
  ids(): number[] {
    return [...this.kept.keys()]
  }

  private keptOf(id: number): Kept {
    const kept = this.kept.get(id) ?? { central: [], recent: [] }
    this.kept.set(id, kept)
    return kept
  }

  private fill(kept: Kept, exemplars: readonly Exemplar[]): void {
    for (const exemplar of exemplars) {
      kept.recent.push(exemplar)
      if (kept.recent.length > this.most) kept.recent.shift()
      if (kept.central.some(({ window }) => window === exemplar.window)) continue
      const place = kept.central.findIndex(({ distance }) => distance > exemplar.distance)
      kept.central.splice(place < 0 ? kept.central.length : place, 0, exemplar)
      if (kept.central.length > this.most) kept.central.pop()
    }
  }

  /** The kept windows of a cluster that came nearest to its centre, the nearest first. */
  central(id: number): readonly Exemplar[] {
    return (this.kept.get(id) ?? NONE).central
  }

  /**
   * The kept windows of a cluster that are most like a latent, the nearest first. `distance` is Euclidean, from the latent.
   * @param accept which of them may be given
   */
  nearest(id: number, latent: Float32Array, n: number, accept: (exemplar: Exemplar) => boolean = all): Exemplar[] {
    const { central, recent } = this.kept.get(id) ?? NONE
    const different = new Map([...central, ...recent].map(exemplar => [exemplar.window, exemplar]))
    return [...different.values()]
      .filter(accept)
      .map(exemplar => ({ ...exemplar, distance: distanceOf(exemplar.latent, latent) }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, n)
  }

  snapshot(): ExemplarsState {
    const save = (exemplar: Exemplar): Saved => ({ ...exemplar, latent: pack32(exemplar.latent) })
    return [...this.kept].map(([id, { central, recent }]) => ({
      id,
      central: central.map(save),
      recent: recent.map(save),
    }))
  }

  /** @throws AUSCULT_STATE */
  static restore(raw: unknown, most = 8): Exemplars {
    const state = stateSchema.safeParse(raw)
    if (!state.success) throw refusal('their exemplars are not whole')
    const exemplars = new Exemplars(most)
    for (const { id, central, recent } of state.data) {
      exemplars.kept.set(id, { central: central.map(load), recent: recent.map(load) })
    }
    return exemplars
  }
}

function load({ latent, ...rest }: Saved): Exemplar {
  const values = unpack32(latent)
  if (!values) throw refusal('a latent of their exemplars is not whole')
  return { ...rest, latent: values }
}

function distanceOf(a: Float32Array, b: Float32Array): number {
  let squares = 0
  for (let i = 0; i < b.length; i++) squares += (a[i] - b[i]) ** 2
  return Math.sqrt(squares)
}
