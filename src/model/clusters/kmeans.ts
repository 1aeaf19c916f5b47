import type { Random } from '../../random.ts'
import { CentroidClusterer, WEIGHT } from './centroid-clusterer.ts'
import type { KMeansConfig } from './config.ts'
import { fitKMeans, type KMeansStart, PRIOR } from './kmeans-fit.ts'
import { type Latents, squaredDistance } from './latents.ts'
import type { RosterState } from './roster.ts'
import { arrayOf, type ClustererSnapshot } from './snapshot.ts'

/** Further columns of `facts`. Squares are the weighted sum of squared distances to the centre, ratio makes a radius of their root mean. */
const [SQUARES, FIRST_RADIUS, RATIO, RADIUS, FACTS] = [1, 2, 3, 4, 5]
/** Entries of `common`. */
const [POOLED_RADIUS, POOLED_RATIO, FLOOR, COMMON] = [0, 1, 2, 3]

/**
 * K-means that goes on: a latent moves the nearest centre by 1 / its weight, and begins a cluster when it is outside all radii.
 * A radius follows the spread of what its cluster got, and leans on its first value as on PRIOR latents.
 */
export class KMeans extends CentroidClusterer<KMeansConfig> {
  readonly method = 'kmeans'
  /** Row of the centre nearest to the latent located last besides the one it belongs to, or −1. */
  private next = -1

  private constructor(config: KMeansConfig, dimensions: number, common: Float64Array, state?: RosterState) {
    super(config, dimensions, common, FACTS, state)
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
    const common = arrayOf(snapshot, 'common', COMMON)
    const restored = new KMeans(config, snapshot.dimensions, common, snapshot.roster)
    restored.fill(snapshot)
    return restored
  }

  private begin({ partition, spread, radius }: KMeansStart): void {
    for (let c = 0; c < partition.k; c++) {
      const n = partition.sizes[c]
      const ratio =
        spread[c] > 0 ? (radius[c] * Math.sqrt((n - 1) / n)) / Math.sqrt(spread[c]) : this.common[POOLED_RATIO]
      const centre = partition.centres.subarray(c * this.dimensions, (c + 1) * this.dimensions)
      this.roster.add(n)
      this.place(centre, [n, n * spread[c], radius[c], ratio, radius[c]])
    }
  }

  protected radiusOf(row: number): number {
    return this.facts.data[row * FACTS + RADIUS]
  }

  /** The row of the nearest centre, or, outside its radius, that of the cluster it is in by the least part of the radius. */
  protected locate(latent: Float64Array): number {
    const { dimensions, size } = this
    const centres = this.centres.data
    let nearest = -1
    let least = Number.POSITIVE_INFINITY
    let next = -1
    let second = Number.POSITIVE_INFINITY
    let deepest = 0
    let part = Number.POSITIVE_INFINITY
    let partSquared = 0
    for (let row = 0; row < size; row++) {
      const squared = squaredDistance(latent, 0, centres, row * dimensions, dimensions)
      const radius = this.reachOf(row)
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
    const own = this.reachOf(nearest)
    if (least <= own * own || part > 1) {
      this.squared = least
      return nearest
    }
    this.squared = partSquared
    this.next = nearest
    return deepest
  }

  protected override fade(by: number): void {
    const { data } = this.facts
    for (let row = 0; row < this.size; row++) data[row * FACTS + SQUARES] *= by
    super.fade(by)
  }

  protected learn(latent: Float64Array, row: number): number {
    const facts = this.facts.data
    const at = row * FACTS
    const weight = facts[at + WEIGHT] + 1
    const rate = 1 / weight
    const centres = this.centres.data
    const from = row * this.dimensions
    for (let j = 0; j < this.dimensions; j++) centres[from + j] += rate * (latent[j] - centres[from + j])
    facts[at + WEIGHT] = weight
    facts[at + SQUARES] += this.squared * (1 - rate)
    this.settle(row)
    return this.next
  }

  protected settle(row: number): void {
    const facts = this.facts.data
    const at = row * FACTS
    const own = facts[at + SQUARES] * facts[at + RATIO] ** 2 + PRIOR * facts[at + FIRST_RADIUS] ** 2
    const weight = Math.max(0, facts[at + WEIGHT] - 1) + PRIOR
    facts[at + RADIUS] = Math.max(this.common[FLOOR], Math.sqrt(own / weight))
  }

  protected beget(latent: Float64Array, _row: number, distance: number): void {
    const radius = Math.max(this.firstReach * this.common[POOLED_RADIUS], this.config.birth_spread * distance)
    this.place(latent, [1, 0, radius, this.common[POOLED_RATIO], radius])
  }

  protected isNear(a: number, b: number): boolean {
    const reach = this.config.merge * Math.min(this.radiusOf(a), this.radiusOf(b))
    return this.centreDistance(this.centres, a, b) < reach ** 2
  }

  protected blend(into: number, from: number, share: number): void {
    const [mine, other] = [this.facts.row(into), this.facts.row(from)]
    mine[SQUARES] += other[SQUARES] + mine[WEIGHT] * share * this.centreDistance(this.centres, into, from)
    mine[FIRST_RADIUS] = Math.sqrt((1 - share) * mine[FIRST_RADIUS] ** 2 + share * other[FIRST_RADIUS] ** 2)
  }
}
