import type { Random } from '../../random.ts'
import type { Assignment, Cluster, Clusterer, Merge, Update } from './clusterer.ts'
import type { GmmConfig } from './config.ts'
import type { Covariance } from './covariance/covariance.ts'
import { covarianceOf, fitGmm, type GmmStart } from './gmm-fit.ts'
import { PRIOR } from './kmeans-fit.ts'
import { checkTime, type Latents, readLatent, squaredDistance } from './latents.ts'
import type { RosterState } from './roster.ts'
import { APPROACH, fadeOf, NONE, Rostered, updateOf } from './rostered.ts'
import { Rows } from './rows.ts'
import { arrayOf, type ClustererSnapshot, seal } from './snapshot.ts'

/** Columns of `facts`. */
const [WEIGHT, RADIUS, HALF_LOG_DETERMINANT, TRACE, FACTS] = [0, 1, 2, 3, 4]
/** Entries of `common`. */
const [POOLED_RADIUS, FLOOR, COMMON] = [0, 1, 2]
/** Components this much less likely than the best one (in nats) have no part in a latent. */
const NEGLIGIBLE = 40
/** Nor do those whose part is smaller than this learn from it. */
const LEAST_SHARE = 0.1
/** With full covariances only so many components are looked at, those nearest in units of their own variance; all where none of these holds the latent. */
const CANDIDATES = 8
/** A faded weight stays above this, so that it has a logarithm. */
const LEAST_WEIGHT = 1e-9

/**
 * A Gaussian mixture that goes on by stepwise EM (Cappé and Moulines, 2009): each component that holds the latent within its radius moves
 * by its responsibility over its weight. A latent outside all radii begins a component with the mean covariance of training.
 */
export class Gmm extends Rostered implements Clusterer {
  readonly method = 'gmm'
  readonly dimensions: number
  private readonly config: GmmConfig
  private readonly kind: Covariance
  private readonly fade: number
  /** Rows in the order of the roster. Origins are the means at the start. */
  private readonly means: Rows
  private readonly origins: Rows
  private readonly factors: Rows
  private readonly facts: Rows
  private readonly common: Float64Array
  /** Factor of the mean covariance of training. */
  private readonly pooled: Float64Array
  /** Of the latent located last, for each component: squared distance and log-density; infinite where far beyond both limits. */
  private readonly squared: Float64Array
  private readonly logs: Float64Array
  private likeliest = 0
  /** Squared distances in units of the mean variance, and the least of them, sorted. */
  private readonly spreads: Float64Array
  private readonly near = new Float64Array(CANDIDATES + 1)
  private readonly latent: Float64Array
  private readonly scratch: Float64Array
  private readonly delta: Float64Array

  private constructor(config: GmmConfig, d: number, common: Float64Array, pooled: Float64Array, state?: RosterState) {
    super(state)
    const capacity = Math.max(config.max_clusters, state?.entries.length ?? 0)
    this.config = config
    this.dimensions = d
    this.kind = covarianceOf(config.covariance)
    this.fade = fadeOf(config.half_life)
    this.means = new Rows(capacity, d)
    this.origins = new Rows(capacity, d)
    this.factors = new Rows(capacity, this.kind.width(d))
    this.facts = new Rows(capacity, FACTS)
    this.common = common
    this.pooled = pooled
    this.squared = new Float64Array(capacity)
    this.logs = new Float64Array(capacity)
    this.spreads = new Float64Array(capacity)
    this.latent = new Float64Array(d)
    this.scratch = new Float64Array(d)
    this.delta = new Float64Array(d)
  }

  /** @throws AUSCULT_CONFIG, AUSCULT_TRAINING */
  static fit(latents: Latents, config: GmmConfig, random: Random): Gmm {
    const start = fitGmm(latents, config, random)
    const d = latents.dimensions
    const kind = covarianceOf(config.covariance)
    const pooled = new Float64Array(kind.width(d))
    kind.factorize(start.pooled, d, pooled, 0)
    const fitted = new Gmm(config, d, Float64Array.of(start.pooledRadius, start.floor), pooled)
    fitted.begin(start)
    return fitted
  }

  /** @throws AUSCULT_STATE */
  static restore(snapshot: ClustererSnapshot, config: GmmConfig): Gmm {
    const { dimensions: d, roster } = snapshot
    const size = roster.entries.length
    const width = covarianceOf(config.covariance).width(d)
    const common = arrayOf(snapshot, 'common', COMMON)
    const restored = new Gmm(config, d, common, arrayOf(snapshot, 'pooled', width), roster)
    restored.means.set(0, arrayOf(snapshot, 'means', size * d))
    restored.origins.set(0, arrayOf(snapshot, 'origins', size * d))
    restored.factors.set(0, arrayOf(snapshot, 'factors', size * width))
    restored.facts.set(0, arrayOf(snapshot, 'facts', size * FACTS))
    return restored
  }

  snapshot(): ClustererSnapshot {
    const { config, dimensions, size, common, pooled } = this
    return seal(
      { dimensions, config, roster: this.roster.state() },
      {
        means: this.means.first(size),
        origins: this.origins.first(size),
        factors: this.factors.first(size),
        facts: this.facts.first(size),
        common,
        pooled,
      },
    )
  }

  private begin({ mixture, sizes, members, radius }: GmmStart): void {
    const d = this.dimensions
    const size = this.kind.size(d)
    for (let c = 0; c < mixture.k; c++) {
      this.roster.add(members[c])
      this.means.set(c, mixture.means.subarray(c * d, (c + 1) * d))
      this.origins.set(c, this.means.row(c))
      const covariance = mixture.covariances.subarray(c * size, (c + 1) * size)
      this.kind.factorize(covariance, d, this.factors.data, c * this.factors.width)
      this.facts.set(c, [sizes[c], radius[c], 0, 0])
      this.measure(c)
    }
  }

  update(given: Float32Array, time: number): Update {
    checkTime(time)
    const latent = readLatent(given, this.latent)
    if (this.fade < 1) this.fadeAll()
    const row = this.locate(latent)
    const radius = this.radiusOf(row)
    const distance = Math.sqrt(this.squared[row])
    if (distance > radius) return this.begetOrJoin(latent, time, row)
    const entry = this.roster.entries[row]
    this.roster.count(entry, time)
    const merged = this.learn(latent, row)
    if (merged.length === 0) return updateOf(entry.id, distance, radius, true)
    const now = this.assign(given)
    return updateOf(now.id, now.distance, now.radius, now.within, { merged })
  }

  assign(given: Float32Array): Assignment {
    const latent = readLatent(given, this.latent)
    const row = this.locate(latent)
    const radius = this.radiusOf(row)
    const distance = this.distanceTo(latent, row)
    return { id: this.roster.entries[row].id, distance, radius, within: distance <= radius }
  }

  clusters(): Cluster[] {
    return this.roster.entries.map((entry, row) => ({
      ...this.roster.describe(entry),
      weight: this.facts.row(row)[WEIGHT],
      centre: Float32Array.from(this.means.row(row)),
      radius: this.radiusOf(row),
    }))
  }

  private radiusOf(row: number): number {
    return this.facts.data[row * FACTS + RADIUS]
  }

  /** Notes what follows from a factor. */
  private measure(row: number): void {
    const { kind, dimensions: d } = this
    const { data, width } = this.factors
    this.facts.data[row * FACTS + HALF_LOG_DETERMINANT] = kind.halfLogDeterminant(data, row * width, d)
    this.facts.data[row * FACTS + TRACE] = kind.trace(data, row * width, d)
  }

  private distanceTo(latent: Float64Array, row: number): number {
    return Math.sqrt(this.squaredTo(latent, row, Number.POSITIVE_INFINITY))
  }

  private squaredTo(latent: Float64Array, row: number, bound: number): number {
    const d = this.dimensions
    const { data, width } = this.factors
    return this.kind.squaredMahalanobis(data, row * width, latent, 0, this.means.data, row * d, d, bound, this.scratch)
  }

  /** The likeliest component among those that hold the latent within their radius; if none does, the likeliest of all. */
  private locate(latent: Float64Array): number {
    this.squared.fill(Number.POSITIVE_INFINITY, 0, this.size)
    this.logs.fill(Number.NEGATIVE_INFINITY, 0, this.size)
    this.likeliest = 0
    const few = this.kind.isCostly && this.size > CANDIDATES
    // The sooner a likely one is known, the sooner the others are given up.
    const limit = few ? this.limitOf(latent) : Number.POSITIVE_INFINITY
    if (few) this.weighOne(latent, this.likeliest, this.radiusOf(this.likeliest) ** 2)
    const holder = this.weigh(latent, 0, limit)
    if (holder >= 0) return holder
    const other = few ? this.weigh(latent, limit, Number.POSITIVE_INFINITY) : -1
    return other >= 0 ? other : this.likeliest
  }

  /** What the squared distance in units of the mean variance is to be below, so that CANDIDATES components are. Takes the nearest for the likeliest. */
  private limitOf(latent: Float64Array): number {
    const { near, spreads, dimensions: d } = this
    near.fill(Number.POSITIVE_INFINITY)
    for (let row = 0; row < this.size; row++) {
      const squared = squaredDistance(latent, 0, this.means.data, row * d, d)
      const relative = squared / this.facts.data[row * FACTS + TRACE]
      spreads[row] = relative
      if (relative < spreads[this.likeliest]) this.likeliest = row
      let place = CANDIDATES
      while (place > 0 && near[place - 1] > relative) {
        near[place] = near[place - 1]
        place--
      }
      near[place] = relative
    }
    return near[CANDIDATES]
  }

  /** Finds distances and log-densities of the components from one limit to the other. @returns the likeliest holder or −1 */
  private weigh(latent: Float64Array, from: number, to: number): number {
    const { logs, spreads } = this
    const all = from === 0 && to === Number.POSITIVE_INFINITY
    let holder = -1
    for (let row = 0; row < this.size; row++) {
      if (!all && !(spreads[row] >= from && spreads[row] < to)) continue
      const reach = this.radiusOf(row) ** 2
      const squared = this.weighOne(latent, row, reach)
      if (squared <= reach && (holder < 0 || logs[row] > logs[holder])) holder = row
    }
    return holder
  }

  private weighOne(latent: Float64Array, row: number, reach: number): number {
    const facts = this.facts.data
    const at = row * FACTS
    const base = Math.log(facts[at + WEIGHT]) - facts[at + HALF_LOG_DETERMINANT]
    const most = this.logs[this.likeliest]
    const squared = this.squaredTo(latent, row, Math.max(reach, 2 * (base - most + NEGLIGIBLE)))
    const log = base - squared / 2
    this.squared[row] = squared
    this.logs[row] = log
    if (log > most) this.likeliest = row
    return squared
  }

  private fadeAll(): void {
    const { data } = this.facts
    for (let at = 0; at < this.size * FACTS; at += FACTS)
      data[at + WEIGHT] = Math.max(LEAST_WEIGHT, data[at + WEIGHT] * this.fade)
  }

  /** Moves what holds the latent; then merges the two likeliest of these if they are too close. */
  private learn(latent: Float64Array, winner: number): readonly Merge[] {
    const { logs, squared } = this
    const most = logs[winner]
    let total = 0
    let second = -1
    for (let row = 0; row < this.size; row++) {
      if (squared[row] > this.radiusOf(row) ** 2) {
        logs[row] = 0
        continue
      }
      if (row !== winner && (second < 0 || logs[row] > logs[second])) second = row
      logs[row] = Math.exp(logs[row] - most)
      total += logs[row]
    }
    let kept = 0
    for (let row = 0; row < this.size; row++) if (logs[row] >= LEAST_SHARE * total) kept += logs[row]
    for (let row = 0; row < this.size; row++) {
      if (logs[row] >= LEAST_SHARE * total) this.move(row, latent, logs[row] / kept)
    }
    return second >= 0 && this.mayMerge(winner, second) ? [this.merge(winner, second)] : NONE
  }

  private move(row: number, latent: Float64Array, share: number): void {
    const { delta, dimensions: d } = this
    const means = this.means.data
    const facts = this.facts.data
    const at = row * FACTS
    const weight = facts[at + WEIGHT] + share
    for (let j = 0; j < d; j++) {
      delta[j] = latent[j] - means[row * d + j]
      means[row * d + j] += (share / weight) * delta[j]
    }
    this.kind.learn(this.factors.data, row * this.factors.width, delta, share / (weight + PRIOR), this.common[FLOOR])
    facts[at + WEIGHT] = weight
    this.measure(row)
  }

  /** A component of its own for the latent; where there is no room for one it counts for the likeliest, which does not move. */
  private begetOrJoin(latent: Float64Array, time: number, likeliest: number): Update {
    const { kind, pooled, dimensions: d } = this
    const joined = this.roster.entries[likeliest]
    const forgotten = this.makeRoom()
    if (!forgotten) {
      this.roster.count(joined, time)
      return updateOf(joined.id, this.distanceTo(latent, likeliest), this.radiusOf(likeliest), false)
    }
    let least = Number.POSITIVE_INFINITY
    for (let row = 0; row < this.size; row++) {
      const squared = kind.squaredMahalanobis(pooled, 0, latent, 0, this.means.data, row * d, d, least, this.scratch)
      least = Math.min(least, squared)
    }
    const radius = this.common[POOLED_RADIUS]
    const scale = Math.max(1, (this.config.birth_spread * Math.sqrt(least)) / radius)
    const entry = this.roster.add()
    const row = this.size - 1
    this.means.set(row, latent)
    this.origins.set(row, latent)
    kind.scale(pooled, this.factors.data, row * this.factors.width, d, scale)
    this.facts.set(row, [1, radius, 0, 0])
    this.measure(row)
    this.roster.count(entry, time)
    return updateOf(entry.id, 0, radius, true, { isNew: true, forgotten })
  }

  /** The ids that were given up to make room; undefined when there is none. */
  private makeRoom(): readonly number[] | undefined {
    if (this.size < this.config.max_clusters) return NONE
    const row = this.roster.lightest(row => this.facts.data[row * FACTS + WEIGHT])
    if (row === undefined) return undefined
    const entry = this.roster.entries[row]
    this.roster.remove(entry)
    this.removeRow(row)
    return [entry.id]
  }

  private removeRow(row: number): void {
    for (const table of [this.means, this.origins, this.factors, this.facts]) table.remove(row)
  }

  /** Whether each mean is within a part of the other's radius. */
  private mayMerge(a: number, b: number): boolean {
    const [one, two] = [this.roster.entries[a], this.roster.entries[b]]
    if (!this.roster.mayMerge(one, two) || !this.isNear(a, b) || !this.isNear(b, a)) return false
    if (one.trained === 0 || two.trained === 0) return true
    const [now, then] = [this.means, this.origins].map(({ data, width }) =>
      squaredDistance(data, a * width, data, b * width, width),
    )
    return now < APPROACH ** 2 * then
  }

  private isNear(a: number, b: number): boolean {
    const d = this.dimensions
    const { data, width } = this.factors
    const reach = (this.config.merge * this.radiusOf(a)) ** 2
    const means = this.means.data
    return this.kind.squaredMahalanobis(data, a * width, means, b * d, means, a * d, d, reach, this.scratch) < reach
  }

  /** One Gaussian with the mean and covariance of both together. */
  private merge(a: number, b: number): Merge {
    const { entries } = this.roster
    const { kind, delta, dimensions: d } = this
    const [into, from] = this.roster.outlives(entries[a], entries[b]) ? [a, b] : [b, a]
    const [mine, other] = [this.facts.row(into), this.facts.row(from)]
    const weight = mine[WEIGHT] + other[WEIGHT]
    const share = other[WEIGHT] / weight
    const { data, width } = this.factors
    const covariance = kind.expand(data, into * width, d)
    const theirs = kind.expand(data, from * width, d)
    for (let j = 0; j < covariance.length; j++) covariance[j] += share * (theirs[j] - covariance[j])
    const [mean, away] = [this.means.row(into), this.means.row(from)]
    for (let j = 0; j < d; j++) delta[j] = away[j] - mean[j]
    kind.accumulate(covariance, 0, delta, share * (1 - share))
    for (let j = 0; j < d; j++) mean[j] += share * delta[j]
    kind.factorize(covariance, d, data, into * width)
    const radius = (1 - share) * mine[RADIUS] + share * other[RADIUS]
    this.facts.set(into, [weight, radius, 0, 0])
    this.measure(into)
    const merge = this.roster.merge(entries[from], entries[into])
    this.removeRow(from)
    return merge
  }
}
