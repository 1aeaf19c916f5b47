import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { squaredDistance } from './latents.ts'

const exemplarSchema = z.strictObject({
  /** Id of the window, `source/stream/offset`. */
  window: z.string(),
  /** ms since the epoch. */
  time: z.number(),
  /** From its cluster's centre when it came. */
  distance: z.number(),
  latent: z.array(z.number()),
})

const stateSchema = z.array(
  z.strictObject({
    id: z.number().int().positive(),
    central: z.array(exemplarSchema),
    recent: z.array(exemplarSchema),
  }),
)

/** A window that shows what a cluster is like. */
export type Exemplar = z.infer<typeof exemplarSchema>
export type ExemplarsState = z.infer<typeof stateSchema>

interface Kept {
  /** By distance, the nearest first. */
  central: Exemplar[]
  /** In the order in which they came. */
  recent: Exemplar[]
}

/** For each cluster a few windows: those nearest to its centre, and the latest. Both lists are bounded. */
export class Exemplars {
  private readonly kept = new Map<number, Kept>()
  private readonly most: number

  /** @param most windows of each of the two kinds that are kept of a cluster */
  constructor(most = 8) {
    this.most = most
  }

  offer(id: number, { window, time, distance }: Omit<Exemplar, 'latent'>, latent: Float32Array): void {
    const kept = this.kept.get(id) ?? { central: [], recent: [] }
    this.kept.set(id, kept)
    const exemplar = { window, time, distance, latent: [...latent] }
    this.fill(kept, [exemplar])
  }

  /** The windows of `from` count for `into` as well. */
  merge(from: number, into: number): void {
    const given = this.kept.get(from)
    if (!given) return
    const kept = this.kept.get(into) ?? { central: [], recent: [] }
    this.kept.set(into, kept)
    const recent = [...kept.recent, ...given.recent].sort((a, b) => a.time - b.time)
    kept.recent = []
    this.fill(kept, recent)
    this.fill({ central: kept.central, recent: [] }, given.central)
    this.kept.delete(from)
  }

  forget(id: number): void {
    this.kept.delete(id)
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

  /** The kept windows of a cluster that are most like a latent, the nearest first. `distance` is Euclidean, from the latent. */
  nearest(id: number, latent: Float32Array, n: number): Exemplar[] {
    const { central, recent } = this.kept.get(id) ?? { central: [], recent: [] }
    const different = new Map([...central, ...recent].map(exemplar => [exemplar.window, exemplar]))
    const point = Float64Array.from(latent)
    const distance = (other: readonly number[]) =>
      Math.sqrt(squaredDistance(point, 0, Float64Array.from(other), 0, point.length))
    return [...different.values()]
      .map(exemplar => ({ ...exemplar, distance: distance(exemplar.latent) }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, n)
  }

  snapshot(): ExemplarsState {
    return [...this.kept].map(([id, { central, recent }]) => ({ id, central: [...central], recent: [...recent] }))
  }

  /** @throws AUSCULT_STATE */
  static restore(raw: unknown, most = 8): Exemplars {
    const state = stateSchema.safeParse(raw)
    if (!state.success) {
      throw new AuscultError('AUSCULT_STATE', 'the saved exemplars cannot be used: they are not whole', {
        remedy: 'Remove them to begin anew.',
      })
    }
    const exemplars = new Exemplars(most)
    for (const { id, central, recent } of state.data) exemplars.kept.set(id, { central, recent })
    return exemplars
  }
}
