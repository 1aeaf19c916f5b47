import type { Random } from '../../random.ts'
import type { Assignment, Cluster, Clusterer, Merge, Update } from './clusterer.ts'
import type { KMeansConfig } from './config.ts'
import { fitKMeans, type KMeansStart, PRIOR } from './kmeans-fit.ts'
import { checkTime, type Latents, readLatent, squaredDistance } from './latents.ts'
import type { RosterState } from './roster.ts'
import { APPROACH, fadeOf, NONE, Rostered, updateOf } from './rostered.ts'
import { Rows } from './rows.ts'
import { arrayOf, type ClustererSnapshot, seal } from './snapshot.ts'

/** Columns of `facts`. Squares are the weighted sum of squared distances to the centre, ratio makes a radius of their root mean. */
const [WEIGHT, SQUARES, FIRST_RADIUS, RATIO, RADIUS, FACTS] = [0, 1, 2, 3, 4, 5]
/** Entries of `common`. */
const [POOLED_RADIUS, POOLED_RATIO, FLOOR, COMMON] = [0, 1, 2, 3]

/**
 * K-means that goes on: a latent moves the nearest centre by 1 / its weight, and begins a cluster when it is outside all radii.
 * A radius follows the spread of what its cluster got, and leans on its first value as on PRIOR latents.
 */
export class KMeans extends Rostered implements Clusterer {
  readonly method = 'kmeans'
  readonly dimensions: number
  private readonly config: KMeansConfig
  private readonly fade: number
  /** Rows in the order of the roster. Origins are where clusters began. */
  private readonly centres: Rows
  private readonly origins: Rows
  private readonly facts: Rows
  private readonly common: Float64Array
  private readonly latent: Float64Array
  /** Squared distance of the latent that was located last. */
  private squared = 0
  /** Row of the centre nearest to it besides the one it belongs to, or −1. */
  private next = -1

  private constructor(config: KMeansConfig, dimensions: number, common: Float64Array, state?: RosterState) {
    super(state)
    const capacity = Math.max(config.max_clusters, state?.entries.length ?? 0)
    this.config = config
    this.dimensions = dimensions
    this.fade = fadeOf(config.half_life)
    this.latent = new Float64Array(dimensions)
    this.centres = new Rows(capacity, dimensions)
    this.origins = new Rows(capacity, dimensions)
    this.facts = new Rows(capacity, FACTS)
    this.common = common
  }

  /** @throws AUSCULT_CONFIG */
  static fit(latents: Latents, config: KMeansConfig, random: Random): KMeans {
    const start = fitKMeans(latents, config, random)
    const common = Float64Array.of(start.pooledRadius, start.ratio, start.floor)
    const fitted = new KMeans(config, latents.dimensions, common)
    fitted.begin(start)
    return fitted
  }

  /** @throws AUSCULT_STATE */
  static restore(snapshot: ClustererSnapshot, config: KMeansConfig): KMeans {
    const { dimensions, roster } = snapshot
    const size = roster.entries.length
    const restored = new KMeans(config, dimensions, arrayOf(snapshot, 'common', COMMON), roster)
    restored.centres.set(0, arrayOf(snapshot, 'centres', size * dimensions))
    restored.origins.set(0, arrayOf(snapshot, 'origins', size * dimensions))
    restored.facts.set(0, arrayOf(snapshot, 'facts', size * FACTS))
    return restored
  }

  snapshot(): ClustererSnapshot {
    const { config, dimensions, size, common } = this
    return seal(
      { dimensions, config, roster: this.roster.state() },
      {
        centres: this.centres.first(size),
        origins: this.origins.first(size),
        facts: this.facts.first(size),
        common,
      },
    )
  }

  private begin({ partition, spread, radius }: KMeansStart): void {
    for (let c = 0; c < partition.k; c++) {
      const n = partition.sizes[c]
      const ratio =
        spread[c] > 0 ? (radius[c] * Math.sqrt((n - 1) / n)) / Math.sqrt(spread[c]) : this.common[POOLED_RATIO]
      const centre = partition.centres.subarray(c * this.dimensions, (c + 1) * this.dimensions)
      this.roster.add(n)
      this.place(centre, n, n * spread[c], radius[c], ratio)
    }
  }

  /** Fills the last row of all tables, that of the cluster just added. */
  private place(centre: ArrayLike<number>, weight: number, squares: number, radius: number, ratio: number): void {
    const row = this.size - 1
    this.centres.set(row, centre)
    this.origins.set(row, centre)
    this.facts.set(row, [weight, squares, radius, ratio, radius])
  }

  update(given: Float32Array, time: number): Update {
    checkTime(time)
    const latent = readLatent(given, this.latent)
    if (this.fade < 1) this.fadeAll()
    const row = this.locate(latent)
    const distance = Math.sqrt(this.squared)
    const radius = this.radiusOf(row)
    if (distance > radius) return this.begetOrJoin(latent, time, row, distance)
    const entry = this.roster.entries[row]
    this.roster.count(entry, time)
    this.move(row, latent)
    const merged = this.mergeNext(row)
    if (merged.length === 0) return updateOf(entry.id, distance, radius, true)
    const { id, distance: left, radius: wider } = this.assign(given)
    return updateOf(id, left, wider, left <= wider, { merged })
  }

  assign(given: Float32Array): Assignment {
    const latent = readLatent(given, this.latent)
    const row = this.locate(latent)
    const distance = Math.sqrt(this.squared)
    const radius = this.radiusOf(row)
    return { id: this.roster.entries[row].id, distance, radius, within: distance <= radius }
  }

  clusters(): Cluster[] {
    return this.roster.entries.map((entry, row) => ({
      ...this.roster.describe(entry),
      weight: this.facts.row(row)[WEIGHT],
      centre: Float32Array.from(this.centres.row(row)),
      radius: this.radiusOf(row),
    }))
  }

  private radiusOf(row: number): number {
    return this.facts.data[row * FACTS + RADIUS]
  }

  /** The row of the nearest centre, or, outside its radius, that of the cluster it is in by the least part of the radius. */
  private locate(latent: Float64Array): number {
    const { dimensions, size } = this
    const centres = this.centres.data
    const facts = this.facts.data
    let nearest = -1
    let least = Number.POSITIVE_INFINITY
    let next = -1
    let second = Number.POSITIVE_INFINITY
    let deepest = 0
    let part = Number.POSITIVE_INFINITY
    let partSquared = 0
    for (let row = 0; row < size; row++) {
      const squared = squaredDistance(latent, 0, centres, row * dimensions, dimensions)
      const radius = facts[row * FACTS + RADIUS]
      if (squared < least) {
        next = nearest
        second = least
        least = squared
        nearest = row
      } else if (squared < second) {
        second = squared
        next = row
      }
      if (squared < part * radius * radius) {
        part = squared / (radius * radius)
        deepest = row
        partSquared = squared
      }
    }
    this.next = next
    const own = facts[nearest * FACTS + RADIUS]
    if (least <= own * own || part > 1) {
      this.squared = least
      return nearest
    }
    this.squared = partSquared
    this.next = nearest
    return deepest
  }

  private fadeAll(): void {
    const { data } = this.facts
    for (let at = 0; at < this.size * FACTS; at += FACTS) {
      data[at + WEIGHT] *= this.fade
      data[at + SQUARES] *= this.fade
    }
  }

  private move(row: number, latent: Float64Array): void {
    const facts = this.facts.data
    const at = row * FACTS
    const weight = facts[at + WEIGHT] + 1
    const rate = 1 / weight
    const centres = this.centres.data
    const from = row * this.dimensions
    for (let j = 0; j < this.dimensions; j++) centres[from + j] += rate * (latent[j] - centres[from + j])
    facts[at + WEIGHT] = weight
    facts[at + SQUARES] += this.squared * (1 - rate)
    this.setRadius(row)
  }

  private setRadius(row: number): void {
    const facts = this.facts.data
    const at = row * FACTS
    const own = facts[at + SQUARES] * facts[at + RATIO] ** 2 + PRIOR * facts[at + FIRST_RADIUS] ** 2
    const weight = Math.max(0, facts[at + WEIGHT] - 1) + PRIOR
    facts[at + RADIUS] = Math.max(this.common[FLOOR], Math.sqrt(own / weight))
  }

  /** A cluster of its own for the latent; where there is no room for one it counts for the nearest, which does not move. */
  private begetOrJoin(latent: Float64Array, time: number, row: number, distance: number): Update {
    const nearest = this.roster.entries[row]
    const forgotten = this.makeRoom()
    if (!forgotten) {
      this.roster.count(nearest, time)
      return updateOf(nearest.id, distance, this.radiusOf(row), false)
    }
    const radius = Math.max(this.common[POOLED_RADIUS], this.config.birth_spread * distance)
    const entry = this.roster.add()
    this.place(latent, 1, 0, radius, this.common[POOLED_RATIO])
    this.roster.count(entry, time)
    return updateOf(entry.id, 0, radius, true, { isNew: true, forgotten })
  }

  /** The ids that were given up to make room; undefined when there is none. */
  private makeRoom(): readonly number[] | undefined {
    if (this.size < this.config.max_clusters) return NONE
    const row = this.roster.lightest(row => this.facts.data[row * FACTS + WEIGHT])
    if (row === undefined) return undefined
    const entry = this.roster.entries[row]
    this.remove(row)
    return [entry.id]
  }

  private remove(row: number): void {
    this.roster.remove(this.roster.entries[row])
    for (const table of [this.centres, this.origins, this.facts]) table.remove(row)
  }

  /** Merges the cluster that moved with the one that is nearest to the latent besides it, if they are too close. */
  private mergeNext(row: number): readonly Merge[] {
    const { next, dimensions } = this
    if (next < 0) return NONE
    const squared = squaredDistance(
      this.centres.data,
      row * dimensions,
      this.centres.data,
      next * dimensions,
      dimensions,
    )
    return this.mayMerge(row, next, squared) ? [this.merge(row, next, squared)] : NONE
  }

  private mayMerge(a: number, b: number, squared: number): boolean {
    if (squared >= (this.config.merge * Math.min(this.radiusOf(a), this.radiusOf(b))) ** 2) return false
    const [one, two] = [this.roster.entries[a], this.roster.entries[b]]
    if (!this.roster.mayMerge(one, two)) return false
    if (one.trained === 0 || two.trained === 0) return true
    const { data, width } = this.origins
    return squared < APPROACH ** 2 * squaredDistance(data, a * width, data, b * width, width)
  }

  private merge(a: number, b: number, squared: number): Merge {
    const { entries } = this.roster
    const [into, from] = this.roster.outlives(entries[a], entries[b]) ? [a, b] : [b, a]
    const [mine, other] = [this.facts.row(into), this.facts.row(from)]
    const weight = mine[WEIGHT] + other[WEIGHT]
    const share = other[WEIGHT] / weight
    const centre = this.centres.row(into)
    const away = this.centres.row(from)
    for (let j = 0; j < centre.length; j++) centre[j] += share * (away[j] - centre[j])
    mine[SQUARES] += other[SQUARES] + mine[WEIGHT] * share * squared
    mine[WEIGHT] = weight
    const first = (1 - share) * mine[FIRST_RADIUS] ** 2 + share * other[FIRST_RADIUS] ** 2
    mine[FIRST_RADIUS] = Math.sqrt(first)
    this.setRadius(into)
    const merge = this.roster.merge(entries[from], entries[into])
    for (const table of [this.centres, this.origins, this.facts]) table.remove(from)
    return merge
  }
}
