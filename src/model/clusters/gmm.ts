import type { Random } from '../../random.ts'
import { CentroidClusterer, WEIGHT } from './centroid-clusterer.ts'
import type { GmmConfig } from './config.ts'
import type { Covariance } from './covariance/covariance.ts'
import type { GmmStart } from './gmm-calibrate.ts'
import { covarianceOf, fitGmm } from './gmm-fit.ts'
import { PRIOR } from './kmeans-fit.ts'
import { boundedSquaredDistance, type Latents } from './latents.ts'
import { shareOut } from './responsibilities.ts'
import type { RosterState } from './roster.ts'
import { Rows } from './rows.ts'
import { arrayOf, type ClustererSnapshot } from './snapshot.ts'

/** Further columns of `facts`. */
const [RADIUS, HALF_LOG_DETERMINANT, FACTS] = [1, 2, 3]
/** Entries of `common`. Strength: latents that the mean covariance of training counts for in that of a trained component. */
const [POOLED_RADIUS, FLOOR, STRENGTH, COMMON] = [0, 1, 2, 3]

/** Components this much less likely than the best one that holds the latent (in nats) have no part in it. */
const NEGLIGIBLE = 3
/** Every so many latents also those are looked at that are this much less likely: a light one may lie in a heavy one and never win. */
const [MERGE_PERIOD, MERGE_MARGIN] = [8, 16]

/**
 * A Gaussian mixture that goes on by stepwise EM (Cappé and Moulines, 2009): each component that holds the latent within its radius moves
 * by its responsibility over its weight. A latent outside all radii begins a component with the mean covariance of training.
 */
export class Gmm extends CentroidClusterer<GmmConfig> {
  readonly method = 'gmm'
  private readonly kind: Covariance
  private readonly factors: Rows
  /** Factor of the mean covariance of training. */
  private readonly pooled: Float64Array
  /** Logarithm of each component's density at its centre, and at the latent located last: −∞ for those that have no part in it. */
  private readonly peaks: Float64Array
  private readonly logs: Float64Array
  private readonly scratch: Float64Array
  /** By how much components may be less likely than the best one to be looked at. */
  private margin = NEGLIGIBLE

  private constructor(config: GmmConfig, d: number, common: Float64Array, pooled: Float64Array, state?: RosterState) {
    super(config, d, common, FACTS, state)
    this.kind = covarianceOf(config.covariance)
    this.factors = new Rows(this.capacity, this.kind.width(d))
    this.pooled = pooled
    this.peaks = new Float64Array(this.capacity)
    this.logs = new Float64Array(this.capacity)
    this.scratch = new Float64Array(d)
  }

  /** @throws AUSCULT_CONFIG, AUSCULT_TRAINING */
  static fit(latents: Latents, config: GmmConfig, random: Random): Gmm {
    const start = fitGmm(latents, config, random)
    const d = latents.dimensions
    const kind = covarianceOf(config.covariance)
    const pooled = new Float64Array(kind.width(d))
    kind.factorize(start.pooled, d, pooled, 0)
    const fitted = new Gmm(config, d, Float64Array.of(start.pooledRadius, start.floor, start.strength), pooled)
    fitted.begin(start)
    return fitted
  }

  /** @throws AUSCULT_STATE */
  static restore(snapshot: ClustererSnapshot, config: GmmConfig): Gmm {
    const { dimensions: d, roster } = snapshot
    const pooled = arrayOf(snapshot, 'pooled', covarianceOf(config.covariance).width(d))
    const restored = new Gmm(config, d, arrayOf(snapshot, 'common', COMMON), pooled, roster)
    restored.fill(snapshot)
    return restored
  }

  protected override get tables(): Record<string, Rows> {
    return { ...super.tables, factors: this.factors }
  }

  protected override get others(): Record<string, Float64Array> {
    return { ...super.others, pooled: this.pooled }
  }

  private begin({ mixture, sizes, members, radius }: GmmStart): void {
    const d = this.dimensions
    const size = this.kind.size(d)
    for (let c = 0; c < mixture.k; c++) {
      this.roster.add(members[c])
      this.place(mixture.means.subarray(c * d, (c + 1) * d), [sizes[c], radius[c], 0])
      const covariance = mixture.covariances.subarray(c * size, (c + 1) * size)
      this.kind.factorize(covariance, d, this.factors.data, c * this.factors.width)
      this.measure(c)
    }
  }

  protected radiusOf(row: number): number {
    return this.facts.data[row * FACTS + RADIUS]
  }

  /** Notes what follows from a factor. */
  private measure(row: number): void {
    const { factors, facts, dimensions: d } = this
    facts.data[row * FACTS + HALF_LOG_DETERMINANT] = this.kind.halfLogDeterminant(factors.data, row * factors.width, d)
    this.settle(row)
  }

  protected settle(row: number): void {
    const facts = this.facts.data
    this.peaks[row] = Math.log(facts[row * FACTS + WEIGHT]) - facts[row * FACTS + HALF_LOG_DETERMINANT]
  }

  protected override fill(snapshot: ClustererSnapshot): void {
    super.fill(snapshot)
    for (let row = 0; row < this.size; row++) this.settle(row)
  }

  protected override fade(by: number): void {
    super.fade(by)
    for (let row = 0; row < this.size; row++) this.settle(row)
  }

  protected override remove(row: number): void {
    super.remove(row)
    this.peaks.copyWithin(row, row + 1)
  }

  private squaredTo(latent: Float64Array, row: number, bound: number): number {
    const d = this.dimensions
    const { data, width } = this.factors
    const means = this.centres.data
    return this.kind.squaredMahalanobis(data, row * width, latent, 0, means, row * d, d, bound, this.scratch)
  }

  /** The likeliest component among those that hold the latent within their radius; if none does, the likeliest of all. */
  protected locate(latent: Float64Array): number {
    this.logs.fill(Number.NEGATIVE_INFINITY, 0, this.size)
    this.margin = this.updates % MERGE_PERIOD === 0 ? MERGE_MARGIN : NEGLIGIBLE
    // The sooner a likely one is known, the sooner the others are given up.
    const first = this.kind.isCostly ? this.nearest(latent) : 0
    let found = this.weigh(latent, first, -1)
    for (let row = 0; row < this.size; row++) if (row !== first) found = this.weigh(latent, row, found)
    return found < 0 ? this.likeliest(latent) : found
  }

  /** Row of the nearest mean. */
  private nearest(latent: Float64Array): number {
    const { centres, size, dimensions: d } = this
    let nearest = 0
    let least = Number.POSITIVE_INFINITY
    for (let row = 0; row < size; row++) {
      const squared = boundedSquaredDistance(latent, 0, centres.data, row * d, d, least)
      if (squared >= least) continue
      least = squared
      nearest = row
    }
    return nearest
  }

  /** Finds the log-density of a component that has a part in the latent. @returns its row if it is likelier than `found` */
  private weigh(latent: Float64Array, row: number, found: number): number {
    const { logs, peaks } = this
    const radius = this.reachOf(row)
    const spare = found < 0 ? Number.POSITIVE_INFINITY : 2 * (peaks[row] - logs[found] + this.margin)
    const bound = Math.min(radius * radius, spare)
    const squared = this.squaredTo(latent, row, bound)
    if (!(squared <= bound)) return found
    logs[row] = peaks[row] - squared / 2
    if (found >= 0 && (logs[row] < logs[found] || (logs[row] === logs[found] && row > found))) return found
    this.squared = squared
    return row
  }

  private likeliest(latent: Float64Array): number {
    let found = 0
    let most = Number.NEGATIVE_INFINITY
    for (let row = 0; row < this.size; row++) {
      const squared = this.squaredTo(latent, row, 2 * (this.peaks[row] - most))
      const log = this.peaks[row] - squared / 2
      if (log <= most) continue
      most = log
      found = row
      this.squared = squared
    }
    return found
  }

  /** Moves what has a part in the latent. @returns the second likeliest of these, or −1 */
  protected learn(latent: Float64Array, winner: number): number {
    const shares = this.logs
    const second = shareOut(shares, this.size, winner, this.margin)
    for (let row = 0; row < this.size; row++) if (shares[row] > 0) this.move(row, latent, shares[row])
    return second
  }

  private move(row: number, latent: Float64Array, share: number): void {
    const { scratch: delta, dimensions: d } = this
    const centres = this.centres.data
    const facts = this.facts.data
    const weight = facts[row * FACTS + WEIGHT] + share
    for (let j = 0; j < d; j++) {
      delta[j] = latent[j] - centres[row * d + j]
      centres[row * d + j] += (share / weight) * delta[j]
    }
    const strength = this.roster.entries[row].trained > 0 ? this.common[STRENGTH] : PRIOR
    const rate = share / (weight + strength)
    this.kind.learn(this.factors.data, row * this.factors.width, delta, rate, this.common[FLOOR])
    facts[row * FACTS + WEIGHT] = weight
    this.measure(row)
  }

  protected beget(latent: Float64Array, row: number): void {
    const { kind, pooled, dimensions: d } = this
    const means = this.centres.data
    const radius = this.common[POOLED_RADIUS]
    let least = Number.POSITIVE_INFINITY
    for (let other = 0; other < row; other++) {
      const squared = kind.squaredMahalanobis(pooled, 0, latent, 0, means, other * d, d, least, this.scratch)
      least = Math.min(least, squared)
    }
    const scale = Math.max(this.firstReach, (this.config.birth_spread * Math.sqrt(least)) / radius)
    this.place(latent, [1, radius, 0])
    kind.scale(pooled, this.factors.data, row * this.factors.width, d, scale)
    this.measure(row)
  }

  /** Whether each mean is within the part of the other's radius. */
  protected isNear(a: number, b: number): boolean {
    return this.reaches(a, b) && this.reaches(b, a)
  }

  private reaches(a: number, b: number): boolean {
    const reach = (this.config.merge * this.radiusOf(a)) ** 2
    return this.squaredTo(this.centres.row(b), a, reach) < reach
  }

  /** The covariance of both together. */
  protected blend(into: number, from: number, share: number): void {
    const { kind, scratch: delta, dimensions: d } = this
    const { data, width } = this.factors
    const covariance = kind.expand(data, into * width, d)
    const theirs = kind.expand(data, from * width, d)
    for (let j = 0; j < covariance.length; j++) covariance[j] += share * (theirs[j] - covariance[j])
    const [mean, away] = [this.centres.row(into), this.centres.row(from)]
    for (let j = 0; j < d; j++) delta[j] = away[j] - mean[j]
    kind.accumulate(covariance, 0, delta, share * (1 - share))
    kind.factorize(covariance, d, data, into * width)
    const mine = this.facts.row(into)
    mine[RADIUS] += share * (this.radiusOf(from) - mine[RADIUS])
    this.measure(into)
  }
}
