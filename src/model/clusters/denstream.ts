import type { Random } from '../../random.ts'
import type { Assignment, Cluster, Clusterer, Update } from './clusterer.ts'
import type { DenStreamConfig } from './config.ts'
import { Connections } from './connections.ts'
import { calibrateRadius, chooseEpsilon, chooseLink, shuffledRows, usualLink } from './denstream-fit.ts'
import { hillsOf } from './hills.ts'
import { checkTime, type Latents, readLatent } from './latents.ts'
import { FACTS, MicroClusters } from './micro-clusters.ts'
import type { RosterState } from './roster.ts'
import { type Doings, NONE, Rostered, updateOf } from './rostered.ts'
import { arrayOf, type ClustererSnapshot, seal } from './snapshot.ts'

/** Entries of `common`. */
const [EPSILON, STEP, LINK, RADIUS, COMMON] = [0, 1, 2, 3, 4]

/** A heavy micro-cluster moves so little that its neighbours are looked at only every so many latents. */
const JOIN_PERIOD = 8

/**
 * Density clustering of a stream with fading (Cao, Ester, Qian and Zhou: Density-based clustering over an evolving data stream with
 * noise, 2006). A latent joins the nearest micro-cluster that stays within epsilon, or begins one; micro-clusters that weigh beta × mu are
 * dense. The paper connects dense ones on request; here they are connected as they move, so that a cluster keeps its id: one that comes
 * into reach of another merges with it, one that falls apart is split at the next pruning. A micro-cluster that is not dense belongs to
 * the cluster in whose reach it began, or is one of its own.
 */
export class DenStream extends Rostered implements Clusterer {
  readonly method = 'denstream'
  readonly dimensions: number
  private readonly config: DenStreamConfig
  private readonly fade: number
  private readonly dense: number
  private readonly period: number
  private readonly common: Float64Array
  private readonly micro: MicroClusters
  private readonly connections: Connections
  private readonly latent: Float64Array

  private constructor(config: DenStreamConfig, dimensions: number, common: Float64Array, state?: RosterState) {
    super(state)
    this.config = config
    this.dimensions = dimensions
    this.common = common
    this.fade = 2 ** -config.lambda
    this.dense = config.beta * config.mu
    this.period = Math.ceil(Math.log2(this.dense / (this.dense - 1)) / config.lambda)
    this.latent = new Float64Array(dimensions)
    this.micro = new MicroClusters(config.max_micro_clusters, dimensions)
    this.connections = new Connections(this.micro, this.roster, common[LINK])
  }

  /** Learns the training latents in a random order; what is dense then makes the clusters, the rest is let go. */
  static fit(latents: Latents, config: DenStreamConfig, random: Random): DenStream {
    const epsilon = config.epsilon === 'auto' ? chooseEpsilon(latents, config, random) : config.epsilon
    const sample = [...shuffledRows(latents, random)]
    const link = config.link === 'auto' ? usualLink(latents.dimensions) : config.link
    const learning = new DenStream(config, latents.dimensions, Float64Array.of(epsilon, 0, link, 0))
    for (const latent of sample) learning.update(latent, 0)
    const { micro, common } = learning
    if (config.link === 'auto') common[LINK] = chooseLink(latents, micro, random)
    common[RADIUS] = calibrateRadius(latents, micro, random)
    const trained = new DenStream(config, latents.dimensions, common)
    trained.begin(micro)
    for (const latent of sample) trained.countTrained(readLatent(latent, trained.latent))
    return trained
  }

  /** @throws AUSCULT_STATE */
  static restore(snapshot: ClustererSnapshot, config: DenStreamConfig): DenStream {
    const restored = new DenStream(config, snapshot.dimensions, arrayOf(snapshot, 'common', COMMON), snapshot.roster)
    const [count] = arrayOf(snapshot, 'count', 1)
    restored.micro.count = count
    restored.micro.centres.set(0, arrayOf(snapshot, 'centres', count * snapshot.dimensions))
    restored.micro.facts.set(0, arrayOf(snapshot, 'facts', count * FACTS))
    return restored
  }

  snapshot(): ClustererSnapshot {
    const { config, dimensions, common, micro } = this
    return seal(
      { dimensions, config, roster: this.roster.state() },
      {
        centres: micro.centres.first(micro.count),
        facts: micro.facts.first(micro.count),
        count: Float64Array.of(micro.count),
        common,
      },
    )
  }

  update(given: Float32Array, time: number): Update {
    checkTime(time)
    const latent = readLatent(given, this.latent)
    const { micro, connections } = this
    micro.fade(this.fade)
    const doings: Doings = {}
    if (++this.common[STEP] % this.period === 0) this.prune(doings)
    const row = this.hold(latent)
    if (row < 0) return this.begetOrJoin(latent, time, doings)
    const distance = Math.sqrt(micro.squared)
    const id = micro.cluster(row)
    this.roster.count(this.roster.find(id)!, time)
    const isDue = micro.weight(row) < 2 * this.dense || this.common[STEP] % JOIN_PERIOD === 0
    if (isDue && micro.isDense(row)) doings.merged = connections.join(row)
    return updateOf(micro.cluster(row), distance, this.reach, true, doings)
  }

  assign(given: Float32Array): Assignment | undefined {
    const latent = readLatent(given, this.latent)
    const row = this.closest(latent)
    if (row < 0) return undefined
    const { reach } = this
    const distance = Math.sqrt(this.micro.squared)
    return { id: this.micro.cluster(row), distance, radius: reach, within: distance <= reach }
  }

  /** Centre and radius are the mean and the root mean squared distance of all that its micro-clusters hold. */
  clusters(): Cluster[] {
    return this.roster.entries.map(entry => {
      const { centre, ...rest } = this.micro.summary(entry.id)
      return { ...this.roster.describe(entry), ...rest, centre: Float32Array.from(centre) }
    })
  }

  /** How far from the centre of a micro-cluster a latent belongs to its cluster. */
  private get reach(): number {
    return Math.max(this.common[RADIUS], this.common[LINK] * this.common[EPSILON])
  }

  /** Lets the nearest micro-cluster hold the latent that stays within epsilon with it, dense ones first. @returns its row or −1 */
  private hold(latent: Float64Array): number {
    const { micro } = this
    for (const dense of [true, false]) {
      const row = micro.nearest(latent, 0, dense)
      if (row < 0 || micro.radiusWith(row, micro.squared) > this.common[EPSILON]) continue
      micro.insert(row, latent, micro.squared)
      if (!dense && micro.weight(row) >= this.dense) micro.setDense(row)
      return row
    }
    return -1
  }

  /** The nearest dense micro-cluster in reach, else the nearest of the others, else the nearest of all; −1 when there is none. */
  private closest(latent: Float64Array): number {
    const { micro } = this
    const reach = this.reach ** 2
    const dense = micro.nearest(latent, 0, true)
    const squared = micro.squared
    if (dense >= 0 && squared <= reach) return dense
    const other = micro.nearest(latent, 0, false)
    if (other >= 0 && (dense < 0 || micro.squared < squared)) return other
    micro.squared = squared
    return dense
  }

  /** Begins a micro-cluster, and a cluster with it unless it is in the reach of one; where there is no room the latent counts for the nearest. */
  private begetOrJoin(latent: Float64Array, time: number, doings: Doings): Update {
    const { micro, reach } = this
    const row = this.closest(latent)
    const distance = row < 0 ? Number.POSITIVE_INFINITY : Math.sqrt(micro.squared)
    const near = distance <= reach ? this.roster.find(micro.cluster(row)) : undefined
    const isNew = !near && this.makeRoom(doings)
    const joined = near ?? (isNew ? this.roster.add() : this.roster.find(micro.cluster(row))!)
    this.roster.count(joined, time)
    if (!near && !isNew) return updateOf(joined.id, distance, reach, false, doings)
    this.makeMicroRoom(joined.id, doings)
    micro.begin(latent, this.common[STEP], joined.id)
    return updateOf(joined.id, isNew ? 0 : distance, reach, true, { ...doings, isNew })
  }

  private makeRoom(doings: Doings): boolean {
    if (this.size < this.config.max_clusters) return true
    const { entries } = this.roster
    const weights = new Float64Array(entries.length)
    const rows = new Map(entries.map(({ id }, row) => [id, row]))
    for (let i = 0; i < this.micro.count; i++) weights[rows.get(this.micro.cluster(i))!] += this.micro.weight(i)
    const row = this.roster.lightest(row => weights[row])
    if (row === undefined) return false
    const { id } = entries[row]
    for (let i = this.micro.count - 1; i >= 0; i--) if (this.micro.cluster(i) === id) this.micro.remove(i)
    this.forgetEmpty(doings)
    return true
  }

  /** Drops the lightest micro-cluster when the table is full. A protected cluster keeps its last one. */
  private makeMicroRoom(joined: number, doings: Doings): void {
    const { micro } = this
    if (micro.count < this.config.max_micro_clusters) return
    let lightest = -1
    for (let row = 0; row < micro.count; row++) {
      if (lightest >= 0 && micro.weight(row) >= micro.weight(lightest)) continue
      if (!this.isLastOfProtected(row)) lightest = row
    }
    micro.remove(lightest)
    this.forgetEmpty(doings, joined)
  }

  private isLastOfProtected(row: number): boolean {
    const id = this.micro.cluster(row)
    if (!this.roster.find(id)!.protected) return false
    for (let i = 0; i < this.micro.count; i++) if (i !== row && this.micro.cluster(i) === id) return false
    return true
  }

  /** The paper's pruning of what has faded; protected clusters stay. What falls apart by it is split. */
  private prune(doings: Doings): void {
    const { micro } = this
    const { lambda, max_clusters } = this.config
    const step = this.common[STEP]
    for (let row = micro.count - 1; row >= 0; row--) {
      const age = step - micro.born(row)
      const least = (2 ** (-lambda * (age + this.period)) - 1) / (2 ** (-lambda * this.period) - 1)
      const faded = micro.weight(row) < (micro.isDense(row) ? this.dense : least)
      if (faded && !this.roster.find(micro.cluster(row))!.protected) micro.remove(row)
    }
    this.forgetEmpty(doings)
    const split = this.connections.separate(max_clusters - this.size)
    if (split.length > 0) doings.split = split
  }

  /** Forgets the clusters without micro-clusters. */
  private forgetEmpty(doings: Doings, except?: number): void {
    const { micro, roster } = this
    const present = new Set(Array.from({ length: micro.count }, (_, row) => micro.cluster(row)))
    const empty = roster.entries.filter(({ id }) => id !== except && !present.has(id))
    for (const entry of empty) roster.remove(entry)
    if (empty.length > 0) doings.forgotten = [...(doings.forgotten ?? NONE), ...empty.map(({ id }) => id)]
  }

  /** Takes over the dense micro-clusters, and makes clusters of their hills. */
  private begin(from: MicroClusters): void {
    for (let row = 0; row < from.count; row++) if (from.isDense(row)) this.micro.take(from, row)
    const hills = hillsOf(this.micro, this.common[LINK])
    const count = Math.min(this.config.max_clusters, Math.max(-1, ...hills) + 1)
    const ids = Array.from({ length: count }, () => this.roster.add().id)
    hills.forEach((hill, row) => {
      this.micro.setCluster(row, ids[hill] ?? ids[0])
    })
  }

  private countTrained(latent: Float64Array): void {
    const row = this.closest(latent)
    if (row >= 0) this.roster.find(this.micro.cluster(row))!.trained++
  }
}
