import { checkConfig } from '../../src/config.ts'
import { createDaemon, type Daemon } from '../../src/daemon.ts'
import { daemonConfigSchema } from '../../src/daemon-config.ts'
import { MemorySource } from '../../src/ingest/memory.ts'
import { silentLogger } from '../../src/logger.ts'
import type { EpisodeJson } from '../../src/stream/episode-json.ts'
import { fakeBundle } from './fake-bundle.ts'
import { FAKE_SCORER, windowOf } from './fake-scorer.ts'
import { until } from './until.ts'

export interface RealDaemon {
  readonly daemon: Daemon
  readonly address: string
  /** Windows of a source with these scores, one after the other. The threshold is 1. */
  play(source: string, ...scores: number[]): void
  /** Plays a closed episode of a source, and waits until it is stored. */
  fault(source: string, score: number): Promise<EpisodeJson>
  /** The answer of the API. */
  get<T>(path: string): Promise<T>
}

const NORMAL = [0.1, 0.1, 0.1, 0.1]

/** The whole daemon with its store, decisions and clusters, a scorer without a model, and sources that a test plays. */
export async function realDaemon(path: string, names: readonly string[], http: object = {}): Promise<RealDaemon> {
  const sources = new Map<string, MemorySource>()
  const raw = {
    bundle: 'fake',
    sources: {},
    http: { port: 0, ...http },
    store: { path },
    window: { overlap: 0 },
    detector: { threshold: { policy: 'value', value: 1 } },
  }
  const daemon = createDaemon(checkConfig(raw, daemonConfigSchema, 'test'), {
    logger: silentLogger,
    scorerModule: FAKE_SCORER,
    readBundle: async () => fakeBundle('pump'),
    feeds: spec =>
      names.map(name => {
        const source = new MemorySource(name, spec, { start: Date.now() - 600_000 })
        sources.set(name, source)
        return source
      }),
  })
  await daemon.start()
  const address = daemon.address!
  const get = async <T>(path: string) => (await (await fetch(`${address}${path}`)).json()) as T
  const play = (source: string, ...scores: number[]) => {
    for (const score of scores) sources.get(source)!.push(windowOf(score))
  }
  const closed = async (source: string): Promise<EpisodeJson[]> =>
    (await get<{ episodes: EpisodeJson[] }>(`/v1/episodes?state=closed&source=${encodeURIComponent(source)}`)).episodes
  return {
    daemon,
    address,
    play,
    get,
    async fault(source, score) {
      const before = (await closed(source)).length
      play(source, 0.5, score, score, score, ...NORMAL)
      await until(async () => (await closed(source)).length > before)
      return (await closed(source))[0]
    },
  }
}
