import { silentLogger } from '../../src/logger.ts'
import { calibrate } from '../../src/model/calibration.ts'
import { Decisions, type DecisionsOptions } from '../../src/stream/decisions/decisions.ts'
import type { AuscultEvent, DecisionEvent, Episode, EpisodeChange, EpisodeCluster } from '../../src/types.ts'
import { episodeEvent } from './events.ts'
import { ManualClock } from './manual-clock.ts'

/** Scores of normal windows: from 1 to 2, evenly, times the factor. Their 99.5th percentile is 1.995 times the factor. */
const evenly = (factor = 1, count = 2000) => Array.from({ length: count }, (_, i) => factor * (1 + (i + 0.5) / count))
const calibration = calibrate(evenly())

/** The clusters 1 (of the training), 2 (born at `mic/a/9`) and 3, which was merged into 2. */
export class FakeClusters {
  key = 'model-a'
  readonly known = new Map<number, { label?: string; born?: string }>([
    [1, {}],
    [2, { born: 'mic/a/9' }],
  ])

  resolve(id: number): number | undefined {
    const now = id === 3 ? 2 : id
    return this.known.has(now) ? now : undefined
  }

  get(id: number) {
    return this.known.get(this.resolve(id) ?? -1)
  }

  readonly pinned = new Set<number>()

  pin(id: number, on: boolean): void {
    if (on) this.pinned.add(this.resolve(id)!)
    else this.pinned.delete(this.resolve(id)!)
  }

  label(id: number, label: string | null): void {
    const { born } = this.known.get(id)!
    this.known.set(id, { ...(born && { born }), ...(label !== null && { label }) })
  }
}

/** A store in memory: what was published, as a restarted process would find it. */
export class FakeStore {
  readonly events: AuscultEvent[] = []
  readonly values = new Map<string, string>()

  get last(): number {
    return this.events.length
  }

  get decisions(): DecisionEvent[] {
    return this.events.filter(event => event.type === 'decision')
  }

  put(events: readonly AuscultEvent[], state: Readonly<Record<string, unknown>>): number[] {
    for (const [key, value] of Object.entries(state)) {
      if (value === undefined) this.values.delete(key)
      else this.values.set(key, JSON.stringify(value))
    }
    return events.map(event => this.events.push(structuredClone(event)))
  }

  async state(key: string): Promise<unknown> {
    const text = this.values.get(key)
    return text === undefined ? undefined : JSON.parse(text)
  }

  async states(prefix: string): Promise<Map<string, unknown>> {
    const found = [...this.values].filter(([key]) => key.startsWith(prefix))
    return new Map(found.map(([key, text]) => [key, JSON.parse(text)]))
  }

  episodes(): Episode[] {
    const all = this.events.flatMap(event => ('episode' in event ? [event.episode] : []))
    return [...new Map(all.map(episode => [episode.id, episode])).values()]
  }

  async episode(id: string): Promise<(Episode & { seq: number }) | undefined> {
    const found = this.episodes().find(episode => episode.id === id)
    return found && { ...found, seq: 1 }
  }

  leftOpen(): Episode[] {
    return this.episodes().filter(({ state }) => state === 'open')
  }
}

/** Decisions among parts that are fakes, which can be started again on what they left behind. */
export class DecisionsWorld {
  readonly store = new FakeStore()
  readonly clock = new ManualClock()
  clusters = new FakeClusters()
  scores = new Map<string, number[]>()
  /** Sources that were to be judged anew; undefined: all. */
  rejudged: (string | undefined)[] = []
  /** Called before anything is stored. */
  onPublish: () => Promise<void> = async () => {}
  decisions: Decisions
  readonly #open = new Map<string, Episode>()
  readonly #options: Partial<DecisionsOptions>

  constructor(options: Partial<DecisionsOptions> = {}) {
    this.#options = options
    this.decisions = this.#make()
  }

  async start(): Promise<this> {
    await this.decisions.start()
    return this
  }

  /** The process ends here, in good order, and another begins. */
  async restart(options: Partial<DecisionsOptions> = {}): Promise<void> {
    await this.decisions.stop()
    const { key } = this.clusters
    this.clusters = new FakeClusters()
    this.clusters.key = key
    this.#open.clear()
    this.rejudged = []
    this.decisions = this.#make(options)
    await this.decisions.start()
  }

  /** What the pipeline does with an event of the detector and of the clusters. @returns the episode as it was stored */
  push(change: EpisodeChange, offset: number, cluster?: EpisodeCluster, source = 'mic'): Episode {
    const event = episodeEvent(offset, change, source)
    const given = { ...event, episode: { ...event.episode, ...(cluster && { cluster }) } }
    const complete = this.decisions.complete(given)
    this.#keep(complete.episode)
    this.store.put([complete], this.decisions.state())
    return complete.episode
  }

  /** The episode closes, but the disk does not have it yet. */
  close(offset: number): Episode {
    const { episode } = this.decisions.complete(episodeEvent(offset, 'closed'))
    this.#keep(episode)
    return episode
  }

  #keep(episode: Episode): void {
    if (episode.state === 'open') this.#open.set(episode.id, episode)
    else this.#open.delete(episode.id)
  }

  #make(options: Partial<DecisionsOptions> = {}): Decisions {
    return new Decisions({
      config: { recalibrate_every_hours: null },
      store: this.store,
      publish: async (events, state) => {
        const later = structuredClone(state)
        for (const event of events) if ('episode' in event) this.#keep(event.episode)
        await this.onPublish()
        return this.store.put(events, later)
      },
      openEpisode: id => this.#open.get(id),
      clusters: this.clusters,
      calibration,
      policy: { policy: 'percentile', value: 99.5 },
      recalibration: { minimum: 1000, max_factor: 2, trim: 6 },
      sources: () => ['mic', 'plant/pump-1'],
      scoresOf: source => this.scores.get(source) ?? [],
      rejudge: source => void this.rejudged.push(source),
      clock: this.clock,
      logger: silentLogger,
      ...this.#options,
      ...options,
    })
  }
}

export const like = (id: number, distance = 1, born?: string): EpisodeCluster => ({
  ...{ id, key: 'model-a', distance, radius: 2, episodes: 1, exemplars: [] },
  ...(born && { born }),
})

export { calibration, evenly }
