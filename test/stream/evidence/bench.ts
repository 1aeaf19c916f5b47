import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../../src/clock.ts'
import { encodeClip } from '../../../src/ingest/clip.ts'
import { silentLogger } from '../../../src/logger.ts'
import { ResidualExplainer } from '../../../src/model/explanation/explainer.ts'
import type { Manifest } from '../../../src/model/manifest.ts'
import { Detector } from '../../../src/stream/detector.ts'
import { evidenceSchema } from '../../../src/stream/evidence/config.ts'
import { EvidenceKeeper, type EvidenceKeeperOptions } from '../../../src/stream/evidence/evidence-keeper.ts'
import type { AuscultEvent, Episode, EpisodeEvent } from '../../../src/types.ts'

/** Samples of a window, and samples per second. */
export const SIZE = 16
export const RATE = 8

/** Sample i of every source. */
export const sample = (i: number): number => Math.fround(Math.sin(i) * 3)

export const original = (from: number, to: number): Float32Array =>
  Float32Array.from({ length: to - from }, (_, i) => sample(from + i))

/** A clock that a test moves. */
export class HandClock implements Clock {
  time = 1_000_000

  now(): number {
    return this.time
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal)
  }
}

/** Of a model on `SIZE` raw samples. */
export const rawManifest = {
  front_end: { type: 'raw', sample_rate: RATE, window_samples: SIZE },
  items: 1,
  feature_shape: [SIZE, 1],
  normalization: { offset: [0], scale: [1] },
} as unknown as Manifest

export interface Options extends Partial<EvidenceKeeperOptions> {
  settings?: object
  /** Samples between windows. */
  hop?: number
  leftOpen?: Episode[]
  manifest?: Manifest
}

/** A keeper with a detector for each source, an explanation that expects half of what came, and a store that remembers episodes. */
export class Bench {
  readonly clock = new HandClock()
  readonly keeper: EvidenceKeeper
  readonly folder: string
  /** As stored, in order. */
  readonly events: EpisodeEvent[] = []
  readonly asked: Float32Array[] = []
  readonly warnings: object[] = []
  readonly hop: number
  /** While set, events are not durable. */
  disk: Promise<void> = Promise.resolve()
  /** What analysts after this one add to the close of an episode. */
  annotations: Partial<Episode> = {}
  readonly #episodes = new Map<string, Episode>()
  readonly #detectors = new Map<string, Detector>()
  readonly #indices = new Map<string, number>()

  constructor({ settings = {}, hop = SIZE / 2, leftOpen = [], manifest = rawManifest, ...options }: Options = {}) {
    this.hop = hop
    this.folder = mkdtempSync(join(tmpdir(), 'auscult-keeper-'))
    const warn = (details: object) => void this.warnings.push(details)
    for (const episode of leftOpen) this.detector(episode.source).resume(episode)
    this.keeper = new EvidenceKeeper({
      config: evidenceSchema.parse({ path: this.folder, ...settings }),
      storePath: null,
      store: {
        leftOpen: () => leftOpen,
        episode: async id => {
          const episode = this.#episodes.get(id)
          return episode && { ...episode, seq: 1 }
        },
      },
      spec: { shape: [SIZE], sampleRate: RATE },
      explain: async window => {
        this.asked.push(window.slice())
        return { features: window.slice(), reconstruction: window.map(value => value / 2) }
      },
      explainer: new ResidualExplainer(manifest),
      encodeClip,
      publish: events => this.store(events),
      clock: this.clock,
      logger: { ...silentLogger, warn } as typeof silentLogger,
      ...options,
    })
  }

  detector(source: string): Detector {
    const options = { open_after: 2, close_after: 3, cooldown: 0, update_every: 0 }
    const known = this.#detectors.get(source) ?? new Detector(options)
    this.#detectors.set(source, known)
    return known
  }

  async start(): Promise<this> {
    await this.keeper.start()
    return this
  }

  /** One batch of windows with these scores; what lies between them is skipped where a score is null. */
  batch(source: string, ...scores: (number | null)[]): void {
    const events: EpisodeEvent[] = []
    for (const score of scores) {
      const index = this.#indices.get(source) ?? 0
      this.#indices.set(source, index + 1)
      if (score === null) continue
      const offset = index * this.hop
      const scored = {
        source,
        id: `${source}/s/${offset}`,
        index,
        stream: 's',
        offset,
        time: 5000 + (offset / RATE) * 1000,
        duration: SIZE / RATE,
        score,
        threshold: 1,
        anomalous: score > 1,
        late: false,
        latent: new Float32Array(2),
      }
      const window = original(offset, offset + SIZE)
      const decided = this.detector(source).push(scored)
      this.keeper.observe(scored, window)
      window.fill(Number.NaN)
      events.push(...decided)
    }
    this.#complete(events)
  }

  /** As many batches of one window each, with turns of the event loop between them. */
  async feed(source: string, ...scores: (number | null)[]): Promise<void> {
    for (const score of scores) {
      this.batch(source, score)
      await turn()
    }
  }

  /** Ends a source. */
  end(source: string): void {
    this.#complete(this.detector(source).end('source_ended'))
  }

  /** Stores events; those of episodes are remembered. */
  async store(events: readonly AuscultEvent[]): Promise<void> {
    await this.disk
    for (const event of events) {
      if (!('episode' in event)) continue
      this.events.push(event)
      const added = event.type === 'episode.closed' ? this.annotations : {}
      this.#episodes.set(event.episode.id, { ...event.episode, ...added })
    }
  }

  /** `opened 3` … of an episode's events, with the score that is explained. */
  get told(): string[] {
    return this.events.map(({ type, episode }) =>
      [type.replace('episode.', ''), episode.explanation?.score].filter(Boolean).join(' '),
    )
  }

  stop(milliseconds = 2000): Promise<void> {
    return this.keeper.stop(Date.now() + milliseconds)
  }

  #complete(events: readonly EpisodeEvent[]): void {
    void this.store(events.map(event => this.keeper.complete(event)))
  }
}

export const turn = (): Promise<void> => new Promise(resolve => setImmediate(() => setImmediate(resolve)))
