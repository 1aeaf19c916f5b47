import { atMost } from '../../at-most.ts'
import type { Clock } from '../../clock.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import type { Service } from '../../lifecycle.ts'
import type { Logger } from '../../logger.ts'
import type { Update } from '../../model/clusters/clusterer.ts'
import type { ClustersConfig } from '../../model/clusters/config.ts'
import type { ClusterEvent, EpisodeEvent, Score } from '../../types.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Analyst, ComponentStatus } from '../telemetry.ts'
import { Beginning, type ClustersBundle } from './beginning.ts'
import { follow } from './changes.ts'
import { type ClusterStatus, describe } from './cluster-status.ts'
import { clusterOf } from './episode-cluster.ts'
import { type Knowledge, knowing, PARTS, type Part, saved } from './knowledge.ts'
import { type RecallStore, recall } from './recall.ts'
import { SaveTimer } from './save-timer.ts'
import { Showing } from './showing.ts'
import { Votes } from './votes.ts'

export interface ClusterKeeperOptions {
  /** Null: as the bundle has it. */
  readonly config: ClustersConfig | null
  readonly bundle: ClustersBundle
  readonly store: RecallStore & Pick<EventStore, 'leftOpen'>
  readonly clock: Clock
  readonly logger: Logger
}

/** What was learnt is stored after this time at the latest, ms; clusters that came, went or got a name much sooner. */
const SAVE_MS = 60_000
const SAVE_SOON_MS = 1000
const NONE: readonly ClusterEvent[] = []

/**
 * Groups the latents of all sources, which share one model, and says of each episode what it is like. What is known belongs to one model
 * and one configuration. It is stored together with the events that come of it, so that no id is given twice.
 */
export class ClusterKeeper implements Service, Analyst {
  readonly name = 'clusters'
  /** Names the model and the configuration: ids mean nothing under another one. */
  readonly key: string
  births = 0
  merges = 0
  /** Windows whose latents are not finite, and were not learnt. */
  refused = 0
  /** The cluster that the window fell to which was observed last. */
  latest: number | undefined
  readonly #options: ClusterKeeperOptions
  readonly #beginning: Beginning
  readonly #labels = new Map<number, string>()
  readonly #pinned = new Set<number>()
  readonly #votes = new Votes(id => this.resolve(id))
  readonly #timer = new SaveTimer(() => void this.#save())
  /** Parts that are not stored as they are, and those that the next events take with them. */
  readonly #changed = new Set<Part>()
  readonly #due = new Set<Part>()
  #known: Knowledge | undefined
  #showing: Showing | undefined
  #fault: string | undefined

  constructor(options: ClusterKeeperOptions) {
    this.#options = options
    this.#beginning = new Beginning(options.config, options.bundle)
    this.key = this.#beginning.key
  }

  /** Number of clusters. */
  get size(): number {
    return this.#known?.clusterer.size ?? 0
  }

  /** Windows learnt, by earlier processes as well. */
  get updates(): number {
    return this.#known?.clusterer.updates ?? 0
  }

  /**
   * Goes on where an earlier process was, else begins with the clusters of the bundle, else finds some in its latents.
   * @throws AUSCULT_CONFIG, AUSCULT_BUNDLE when clusters were asked for and cannot be found; AUSCULT_STORE
   */
  async start(): Promise<void> {
    const { store, logger, clock } = this.#options
    const { known, wasHere, next, faults } = await recall(this.key, store, clock.now())
    for (const error of faults) this.#report(error)
    this.#known = known ?? this.#begin()
    if (!this.#known) return
    const { clusterer, exemplars } = this.#known
    clusterer.reserve(next)
    // Who is kept is said anew by those who named them.
    for (const { id, isProtected } of clusterer.clusters()) if (isProtected) clusterer.protect(id, false)
    this.#showing = new Showing(exemplars)
    if (known && wasHere) for (const episode of store.leftOpen()) this.#votes.resume(episode)
    if (!known) await store.append([], saved(this.#known, this.key, PARTS))
    logger.info(
      { clusters: this.size, windows: this.updates, key: this.key },
      known ? 'clusters go on' : 'clusters begin',
    )
  }

  async stop(deadline: number): Promise<void> {
    this.#timer.cancel()
    await atMost(Math.max(0, (deadline - Date.now()) / 2), this.#save())
  }

  status(): ComponentStatus {
    const reason = this.#known ? `${this.size} clusters` : 'off'
    return { ok: true, reason: this.#fault === undefined ? reason : `${reason}; ${this.#fault}` }
  }

  observe(score: Score): readonly ClusterEvent[] {
    const known = this.#known
    const update = known && this.#learn(score, known)
    this.latest = update?.id
    if (!update) return NONE
    this.#changed.add('clusters')
    this.#timer.within(SAVE_MS)
    const isHidden = !known.births.isKnown(update.id)
    const { events, any } = follow(update, score, known, id => this.#labels.get(id))
    if (any) this.#restructured(update)
    this.#show(score, update, isHidden || update.isNew)
    return events
  }

  /** Says to which cluster most windows of the episode belong, and counts it when it is closed. */
  complete(event: EpisodeEvent): EpisodeEvent {
    const { type, episode } = event
    if (!this.#known || !(type === 'episode.opened' || type === 'episode.updated' || type === 'episode.closed'))
      return event
    const winner = this.#votes.decide(episode)
    if (!winner) return event
    const cluster = clusterOf(episode, winner, this.#known, this.#labels.get(winner.cluster), this.key)
    if (type === 'episode.closed' && this.#known.history.count(winner.cluster, episode)) this.#mark('history')
    return { ...event, episode: { ...episode, cluster } }
  }

  /** What is to be stored with the events at hand. */
  state(): Record<string, unknown> {
    if (!this.#known || this.#due.size === 0) return {}
    const parts = [...this.#due]
    this.#due.clear()
    return this.#take(parts, this.#known)
  }

  /** Clusters that were trained, or told of, in the order of their ids. @param after only those with a higher id */
  list({ limit, after = 0 }: { readonly limit: number; readonly after?: number }): ClusterStatus[] {
    const known = this.#known
    if (!known) return []
    const clusters = known.clusterer.clusters().filter(({ id }) => id > after && known.births.isKnown(id))
    return clusters.slice(0, limit).map(cluster => describe(cluster, known, this.#labels.get(cluster.id)))
  }

  /** The cluster of this id, or the one that it was merged into. */
  get(id: number): ClusterStatus | undefined {
    const now = this.resolve(id)
    return now === undefined ? undefined : this.list({ limit: 1, after: now - 1 }).find(({ id }) => id === now)
  }

  /** The id that a cluster has now; undefined for one that nobody knows. */
  resolve(id: number): number | undefined {
    const now = this.#known?.clusterer.resolve(id)
    return now !== undefined && this.#known!.births.isKnown(now) ? now : undefined
  }

  /** Names a cluster, which is then never forgotten nor merged away; null takes the name back. @throws AUSCULT_NOT_FOUND */
  label(id: number, label: string | null): void {
    const now = this.#mustResolve(id)
    if (label === null) this.#labels.delete(now)
    else this.#labels.set(now, label)
    this.#protect(now)
  }

  /** Keeps a cluster that somebody refers to, such as a mute, as a name does. @throws AUSCULT_NOT_FOUND */
  pin(id: number, on: boolean): void {
    const now = this.#mustResolve(id)
    if (on) this.#pinned.add(now)
    else this.#pinned.delete(now)
    this.#protect(now)
  }

  #learn(score: Score, { clusterer }: Knowledge): Update | undefined {
    try {
      return clusterer.update(score.latent, score.time, score.anomalous)
    } catch (error) {
      this.refused++
      const { source, id: window } = score
      const told = { source, window, refused: this.refused, error: String(error) }
      if (/^10*$/.test(String(this.refused))) this.#options.logger.warn(told, 'a latent could not be learnt')
      return undefined
    }
  }

  #restructured({ isNew, merged, forgotten }: Update): void {
    if (isNew) this.births++
    this.merges += merged.length
    this.#mark('clusters')
    if (merged.length + forgotten.length > 0) {
      this.#mark('history')
      this.#changed.add('exemplars')
    }
    this.#timer.within(SAVE_SOON_MS)
  }

  #show(score: Score, update: Update, isYoung: boolean): void {
    const { source, id: window, time, duration, latent, anomalous } = score
    const { id: cluster, distance, radius } = update
    if (!anomalous) {
      this.#votes.calm(source)
      this.#showing!.normal(source)
      if (!isYoung) return
      this.#known!.exemplars.offer(cluster, { window, time, distance }, latent)
      this.#changed.add('exemplars')
      return
    }
    const end = time + duration * 1000
    this.#votes.add(source, { cluster, window, time, end, distance, radius, latent: latent.slice() })
    if (this.#showing!.anomalous(score, update)) this.#changed.add('exemplars')
  }

  #begin(): Knowledge | undefined {
    try {
      return knowing(this.#beginning.begin())
    } catch (error) {
      // Nobody asked for clusters: the daemon does its work without them.
      if (this.#options.config !== null) throw error
      this.#fault = messageOf(error)
      this.#options.logger.warn(
        { error: String(error) },
        'there are no clusters: episodes do not say what they are like',
      )
      return undefined
    }
  }

  #report(error: AuscultError): void {
    this.#fault = `began anew: ${error.message}`
    this.#options.logger.error({ at: error.at, code: error.code, remedy: error.remedy }, `${error.message}; begun anew`)
  }

  #mustResolve(id: number): number {
    const now = this.resolve(id)
    if (now !== undefined) return now
    const remedy = 'List the clusters to see their ids.'
    throw new AuscultError('AUSCULT_NOT_FOUND', `there is no cluster ${id}`, { remedy })
  }

  #protect(id: number): void {
    this.#known!.clusterer.protect(id, this.#labels.has(id) || this.#pinned.has(id))
    this.#mark('clusters')
    this.#timer.within(SAVE_SOON_MS)
  }

  /** Stores a part with the next events, or by the timer. */
  #mark(part: Part): void {
    this.#changed.add(part)
    this.#due.add(part)
  }

  #take(parts: readonly Part[], known: Knowledge): Record<string, unknown> {
    for (const part of parts) this.#changed.delete(part)
    return saved(known, this.key, parts)
  }

  async #save(): Promise<void> {
    const parts = PARTS.filter(part => this.#changed.has(part))
    if (!this.#known || parts.length === 0) return
    this.#due.clear()
    try {
      await this.#options.store.append([], this.#take(parts, this.#known))
    } catch (error) {
      this.#options.logger.error({ error: String(error) }, 'what was learnt of clusters could not be stored')
    }
  }
}
