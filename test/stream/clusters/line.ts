import type { Clock } from '../../../src/clock.ts'
import { systemClock } from '../../../src/clock.ts'
import { type Logger, silentLogger } from '../../../src/logger.ts'
import { type ClustersConfig, clustersSchema } from '../../../src/model/clusters/config.ts'
import type { Manifest } from '../../../src/model/manifest.ts'
import { seeded } from '../../../src/random.ts'
import type { ClustersBundle } from '../../../src/stream/clusters/beginning.ts'
import { ClusterKeeper } from '../../../src/stream/clusters/cluster-keeper.ts'
import { Detector, detectorSchema } from '../../../src/stream/detector.ts'
import type { EventStore } from '../../../src/stream/store/event-store.ts'
import type { AuscultEvent, CloseReason, Episode, EpisodeEvent, Score } from '../../../src/types.ts'

/** Two places of normal, 10 apart. */
export const NORMAL = [
  [0, 0],
  [10, 0],
] as const
export const configOf = (raw: object = {}): ClustersConfig => clustersSchema.parse({ method: 'kmeans', k: 2, ...raw })

/** A bundle with 100 latents about each of the two places. @param model hash of its model */
export function bundleOf(model = 'a', latents = trainingLatents()): ClustersBundle {
  const files = { 'model.onnx': model, 'latents.bin': 'b', 'clusters.json': 'c' }
  const manifest = { files, latent_size: 2, training: { seed: 1 } } as unknown as Manifest
  return { manifest, latents }
}

export function trainingLatents(): Float32Array {
  const random = seeded(7)
  return Float32Array.from({ length: 400 }, (_, i) => NORMAL[(i >> 1) % 2][i % 2] + 0.5 * random.normal())
}

const DETECTOR = detectorSchema.parse({ open_after: 2, close_after: 3, update_every: 0 })

/** What a keeper needs of the store. */
type Store = Pick<EventStore, 'append' | 'stateText' | 'leftOpen' | 'start' | 'stop'>

/** A store without a thread, which lasts as long as its object. */
export class Disk implements Store {
  readonly states = new Map<string, string>()
  readonly #open = new Map<string, Episode>()
  #leftOpen: readonly Episode[] = []
  #isOff = true

  async start(): Promise<void> {
    this.#leftOpen = [...this.#open.values()]
    this.#isOff = false
  }

  async stop(): Promise<void> {
    this.#isOff = true
  }

  async append(events: readonly AuscultEvent[], state: Readonly<Record<string, unknown>> = {}): Promise<number[]> {
    if (this.#isOff) throw new Error('the store has stopped')
    for (const [key, value] of Object.entries(state)) {
      if (value === undefined) this.states.delete(key)
      else this.states.set(key, JSON.stringify(value))
    }
    for (const event of events) {
      if (!('episode' in event)) continue
      if (event.episode.state === 'open') this.#open.set(event.episode.id, event.episode)
      else this.#open.delete(event.episode.id)
    }
    return events.map(() => 0)
  }

  async stateText(key: string): Promise<string | undefined> {
    return this.states.get(key)
  }

  leftOpen(): readonly Episode[] {
    return this.#leftOpen
  }
}

export interface LineOptions {
  readonly config?: ClustersConfig | null
  readonly bundle?: ClustersBundle
  readonly disk?: Store
  readonly logger?: Logger
  readonly clock?: Clock
}

/** A store, a keeper and a detector for each source, joined as the pipeline joins them. */
export class Line {
  readonly keeper: ClusterKeeper
  readonly store: Store
  readonly #detectors = new Map<string, Detector>()
  #pending: AuscultEvent[] = []
  #indices = new Map<string, number>()

  constructor({ config = configOf(), bundle = bundleOf(), disk = new Disk(), ...rest }: LineOptions = {}) {
    const { logger = silentLogger, clock = systemClock } = rest
    this.store = disk
    this.keeper = new ClusterKeeper({ config, bundle, store: this.store, clock, logger })
  }

  static async started(options: LineOptions = {}): Promise<Line> {
    const line = new Line(options)
    await line.store.start()
    await line.keeper.start()
    for (const episode of line.store.leftOpen()) line.#detector(episode.source).resume(episode)
    return line
  }

  #detector(source: string): Detector {
    const detector = this.#detectors.get(source) ?? new Detector(DETECTOR)
    this.#detectors.set(source, detector)
    return detector
  }

  /** Makes a window of one second of a source; times go by the index, which goes on from `at`. */
  window(source: string, latent: readonly number[], anomalous = false, at?: number): Score {
    const index = at ?? (this.#indices.get(source) ?? -1) + 1
    this.#indices.set(source, index)
    const place = { source, id: `${source}/s/${index}`, index, stream: 's', offset: index, time: index * 1000 }
    const judged = { duration: 1, score: anomalous ? 2 : 0.5, threshold: 1, anomalous, late: false }
    return { ...place, ...judged, latent: Float32Array.from(latent) }
  }

  /** A window is scored, judged and observed; its events wait for `flush`, as those of a batch do. */
  see(source: string, latent: readonly number[], anomalous = false, at?: number): void {
    const score = this.window(source, latent, anomalous, at)
    const judged = this.#detector(source).push(score)
    this.#pending.push(...this.keeper.observe(score), ...judged)
  }

  end(source: string, reason: CloseReason = 'source_ended'): void {
    this.#pending.push(...this.#detector(source).end(reason))
  }

  /** The end of a batch: events are completed and stored, with the state. */
  async flush(): Promise<AuscultEvent[]> {
    const events = this.#pending.map(event => ('episode' in event ? this.keeper.complete(event) : event))
    this.#pending = []
    if (events.length > 0) await this.store.append(events, this.keeper.state())
    return events
  }

  /** An episode of `n` anomalous windows and its end, in one batch. @returns it as it was closed */
  async episode(source: string, latent: readonly number[], n = 4): Promise<Episode> {
    for (let i = 0; i < n; i++) this.see(source, latent, true)
    for (let i = 0; i < 3; i++) this.see(source, NORMAL[0])
    const closed = (await this.flush()).filter((event): event is EpisodeEvent => event.type === 'episode.closed')
    return closed[0].episode
  }

  /** The process ends in order. */
  async stop(): Promise<void> {
    await this.keeper.stop(Date.now() + 5000)
    await this.store.stop()
  }

  /** The process is gone: nothing more is stored than what was flushed. */
  async kill(): Promise<void> {
    await this.store.stop()
    // Lets go of its timer; the store takes nothing more.
    await this.keeper.stop(Date.now())
  }
}
