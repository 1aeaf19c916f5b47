import type { Assignment, Cluster, Clusterer, Merge, Update } from './clusterer.ts'
import type { GmmConfig, KMeansConfig } from './config.ts'
import { checkTime, readLatent, squaredDistance } from './latents.ts'
import type { RosterState } from './roster.ts'
import { NONE, Rostered, updateOf } from './rostered.ts'
import { Rows } from './rows.ts'
import { arrayOf, type ClustererSnapshot, seal } from './snapshot.ts'

/** Column of `facts` that all share: what a centre rests on. */
export const WEIGHT = 0
/** Clusters of training are merged only when they are closer than this part of their distance then. */
const APPROACH = 0.5
/** A faded weight stays above this, so that it has a logarithm. */
const LEAST_WEIGHT = 1e-9

/**
 * A clusterer with a centre and a radius for each cluster: a latent moves what holds it, or begins a cluster when it is outside all radii,
 * and two that come too close become one.
 */
export abstract class CentroidClusterer<C extends KMeansConfig | GmmConfig> extends Rostered implements Clusterer {
  abstract readonly method: 'kmeans' | 'gmm'
  readonly dimensions: number
  protected readonly config: C
  /** Rows in the order of the roster. Origins are the centres when they began. */
  protected readonly centres: Rows
  protected readonly origins: Rows
  protected readonly facts: Rows
  /** What holds for all clusters. */
  protected readonly common: Float64Array
  /** Squared distance of the latent that was located last to the cluster that it was found in. */
  protected squared = 0
  /** Whether the latent at hand is anomalous; undefined where that makes no difference. */
  private isAnomalous: boolean | undefined
  /** Whether clusters of anomalous windows are left aside. */
  private isAmongNormal = false
  private readonly latent: Float64Array
  private readonly fading: number

  protected constructor(config: C, dimensions: number, common: Float64Array, facts: number, state?: RosterState) {
    super(state)
    this.config = config
    this.dimensions = dimensions
    this.common = common
    this.centres = new Rows(this.capacity, dimensions)
    this.origins = new Rows(this.capacity, dimensions)
    this.facts = new Rows(this.capacity, facts)
    this.latent = new Float64Array(dimensions)
    this.fading = config.half_life === null ? 1 : 2 ** (-1 / config.half_life)
  }

  /** Row of the cluster that the latent belongs to, or, outside all radii, is nearest to; notes its squared distance. */
  protected abstract locate(latent: Float64Array): number
  /** Moves what holds the latent that was just located. @returns row of the cluster that may be too close to it now, or −1 */
  protected abstract learn(latent: Float64Array, row: number): number
  protected abstract radiusOf(row: number): number
  /** Fills the last row, that of a cluster just added, but for its centre. @param distance to the cluster the latent is nearest to */
  protected abstract beget(latent: Float64Array, row: number, distance: number): void
  /** Whether two clusters are closer than the part `merge` of their radii. */
  protected abstract isNear(a: number, b: number): boolean
  /** Adds what is known of row `from` besides centre and weight to row `into`; it has a part `share` of the weight of both. */
  protected abstract blend(into: number, from: number, share: number): void
  /** Notes what follows from a row that was changed by more than a latent. */
  protected abstract settle(row: number): void

  protected get capacity(): number {
    return Math.max(this.config.max_clusters, this.size)
  }

  /** What a snapshot holds of each cluster. */
  protected get tables(): Record<string, Rows> {
    const { centres, origins, facts } = this
    return { centres, origins, facts }
  }

  /** What it holds besides. */
  protected get others(): Record<string, Float64Array> {
    return { common: this.common }
  }

  snapshot(): ClustererSnapshot {
    const { config, dimensions, size } = this
    const rows = Object.entries(this.tables).map(([name, table]) => [name, table.first(size)])
    return seal({ dimensions, config, roster: this.roster.state() }, { ...Object.fromEntries(rows), ...this.others })
  }

  /** @throws AUSCULT_STATE */
  protected fill(snapshot: ClustererSnapshot): void {
    for (const [name, table] of Object.entries(this.tables)) {
      table.set(0, arrayOf(snapshot, name, this.size * table.width))
    }
  }

  update(given: Float32Array, time: number, isAnomalous = false): Update {
    checkTime(time)
    const latent = readLatent(given, this.latent)
    if (this.fading < 1) this.fade(this.fading)
    this.isAnomalous = isAnomalous
    const row = this.find(latent)
    const distance = Math.sqrt(this.squared)
    const radius = this.reachOf(row)
    if (distance > radius) return this.begetOrJoin(latent, time, row, distance)
    const entry = this.roster.entries[row]
    this.roster.count(entry, time, isAnomalous)
    const close = this.learn(latent, row)
    if (close < 0 || !this.mayMerge(row, close)) return updateOf(entry.id, distance, radius, true)
    const merged = [this.merge(row, close)]
    const now = this.belonging(latent)
    return updateOf(now.id, now.distance, now.radius, now.within, { merged })
  }

  assign(given: Float32Array): Assignment {
    this.isAnomalous = undefined
    return this.belonging(readLatent(given, this.latent))
  }

  private belonging(latent: Float64Array): Assignment {
    const row = this.find(latent)
    const distance = Math.sqrt(this.squared)
    const radius = this.reachOf(row)
    return { id: this.roster.entries[row].id, distance, radius, within: distance <= radius }
  }

  /**
   * Locates it, a normal one among normal clusters first: faults beside what is normal would otherwise be taken for normal after a while, and
   * be unknown the next time.
   */
  private find(latent: Float64Array): number {
    if (this.isAnomalous !== false || this.config.reach === 1) return this.locate(latent)
    this.isAmongNormal = true
    const row = this.locate(latent)
    const isHeld = Math.sqrt(this.squared) <= this.reachOf(row)
    this.isAmongNormal = false
    return isHeld ? row : this.locate(latent)
  }

  /** Up to where the latent at hand belongs to the cluster: to one of the other sort only near its centre. */
  protected reachOf(row: number): number {
    const radius = this.radiusOf(row)
    if (this.isAnomalous === undefined) return radius
    const isOfItsSort = this.roster.isAnomalous(this.roster.entries[row]) === this.isAnomalous
    if (isOfItsSort) return radius
    return this.isAmongNormal ? 0 : this.config.reach * radius
  }

  /** First radius of a cluster that the latent at hand begins, as a part of the usual one. */
  protected get firstReach(): number {
    return this.isAnomalous ? this.config.reach : 1
  }

  clusters(): Cluster[] {
    return this.roster.entries.map((entry, row) => ({
      ...this.roster.describe(entry),
      weight: this.weightOf(row),
      centre: Float32Array.from(this.centres.row(row)),
      radius: this.radiusOf(row),
    }))
  }

  protected weightOf(row: number): number {
    return this.facts.data[row * this.facts.width + WEIGHT]
  }

  protected fade(by: number): void {
    const { data, width } = this.facts
    for (let row = 0; row < this.size; row++) {
      data[row * width + WEIGHT] = Math.max(LEAST_WEIGHT, data[row * width + WEIGHT] * by)
    }
  }

  /** Gives a cluster just added its place. */
  protected place(centre: ArrayLike<number>, facts: ArrayLike<number>): void {
    const row = this.size - 1
    this.centres.set(row, centre)
    this.origins.set(row, centre)
    this.facts.set(row, facts)
  }

  /** A cluster of its own for the latent; where there is no room for one it counts for the nearest, which does not move. */
  private begetOrJoin(latent: Float64Array, time: number, row: number, distance: number): Update {
    const nearest = this.roster.entries[row]
    const forgotten = this.makeRoom()
    if (!forgotten) {
      this.roster.count(nearest, time, this.isAnomalous)
      return updateOf(nearest.id, distance, this.reachOf(row), false)
    }
    const entry = this.roster.add()
    this.beget(latent, this.size - 1, distance)
    this.roster.count(entry, time, this.isAnomalous)
    return updateOf(entry.id, 0, this.radiusOf(this.size - 1), true, { isNew: true, forgotten })
  }

  /** The ids that were given up to make room; undefined when there is none. */
  private makeRoom(): readonly number[] | undefined {
    if (this.size < this.config.max_clusters) return NONE
    const row = this.roster.lightest(row => this.weightOf(row))
    if (row === undefined) return undefined
    const entry = this.roster.entries[row]
    this.roster.remove(entry)
    this.remove(row)
    return [entry.id]
  }

  protected remove(row: number): void {
    for (const table of Object.values(this.tables)) table.remove(row)
  }

  private mayMerge(a: number, b: number): boolean {
    if (!this.isNear(a, b)) return false
    const [one, two] = [this.roster.entries[a], this.roster.entries[b]]
    if (!this.roster.mayMerge(one, two)) return false
    if (this.config.reach < 1 && this.roster.isAnomalous(one) !== this.roster.isAnomalous(two)) return false
    if (one.trained === 0 || two.trained === 0) return true
    return this.centreDistance(this.centres, a, b) < APPROACH ** 2 * this.centreDistance(this.origins, a, b)
  }

  /** Squared, Euclidean. */
  protected centreDistance({ data, width }: Rows, a: number, b: number): number {
    return squaredDistance(data, a * width, data, b * width, width)
  }

  private merge(a: number, b: number): Merge {
    const { entries } = this.roster
    const [into, from] = this.roster.outlives(entries[a], entries[b]) ? [a, b] : [b, a]
    const weight = this.weightOf(into) + this.weightOf(from)
    const share = this.weightOf(from) / weight
    this.blend(into, from, share)
    const [centre, away] = [this.centres.row(into), this.centres.row(from)]
    for (let j = 0; j < centre.length; j++) centre[j] += share * (away[j] - centre[j])
    this.facts.row(into)[WEIGHT] = weight
    this.settle(into)
    const merge = this.roster.merge(entries[from], entries[into])
    this.remove(from)
    return merge
  }
}
