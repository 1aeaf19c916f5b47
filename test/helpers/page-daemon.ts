import { silentLogger } from '../../src/logger.ts'
import type { EpisodeJson } from '../../src/stream/episode-json.ts'
import { HttpServer, httpSchema, type Routes } from '../../src/stream/http.ts'
import type { Views } from '../../src/stream/live-view/view-message.ts'
import type { StatusJson } from '../../src/stream/status.ts'
import { websocketSchema } from '../../src/stream/websocket/config.ts'
import { WebSocketHub } from '../../src/stream/websocket/hub.ts'
import type { AuscultEvent, Episode, EpisodeChange, Score } from '../../src/types.ts'
import { MemoryHistory } from './memory-history.ts'
import { PROJECT } from './requires.ts'

/** When the feeds of the tests begin, ms since the epoch. */
export const START = Date.now() - 60_000

const INFO = {
  name: 'fan',
  version: '0.1.0',
  threshold: 1,
  window: { shape: [16000], sample_rate: 16000, hop_seconds: 0.5 },
  sources: [],
}

/** A daemon at work. */
export const STATUS: StatusJson = {
  ...{ time: START, received: 12_000, scored: 11_980, dropped: 4, failed: 0, in_flight: 16, queued: 12, rate: 6.25 },
  ...{ latency: { p50: 0.021, p99: 0.048 }, sources: 1, episodes_open: 0, clients: 1, devices: { cpu: 1 } },
  ...{ fallbacks: 0, ready: true },
}

export interface DaemonOptions {
  readonly port?: number
  /** Routes besides the lists of episodes and sources, which are empty; those of the same name are taken instead. */
  readonly routes?: Routes
  readonly episodes?: readonly EpisodeJson[]
  /** That of another one for a daemon that is started again. */
  readonly history?: MemoryHistory
  /** What `hello` says besides what it always says. */
  readonly info?: object
  readonly status?: () => StatusJson
  readonly views?: Views
  readonly heartbeatSeconds?: number
  /** Needed for changes. */
  readonly token?: string
}

/** The daemon's own server and hub, fed by the test. */
export class PageDaemon {
  readonly hub: WebSocketHub
  readonly server: HttpServer
  readonly history: MemoryHistory

  constructor(options: DaemonOptions = {}) {
    const { port = 0, routes = {}, episodes = [], info = {}, token = null, heartbeatSeconds } = options
    this.history = options.history ?? new MemoryHistory()
    this.hub = new WebSocketHub({
      config: websocketSchema.parse({ heartbeat_seconds: heartbeatSeconds }),
      hello: () => ({ ...INFO, ...info }),
      history: this.history,
      views: options.views ?? { watch: () => () => {} },
      status: options.status ?? (() => STATUS),
    })
    this.server = new HttpServer({
      ...httpSchema.parse({ port, token }),
      page: `${PROJECT}dashboards/live`,
      logger: silentLogger,
      routes: {
        'GET /v1/episodes': () => ({ body: { episodes, next: null } }),
        'GET /v1/sources': () => ({ body: { sources: [], next: null } }),
        'GET /v1/sources/{name}/scores': () => ({ body: { scores: [] } }),
        'GET /v1/clusters': () => ({ body: { clusters: [], next: null } }),
        'GET /v1/mutes': () => ({ body: { mutes: [] } }),
        'GET /v1/thresholds': () => ({
          body: { configured: { policy: 'percentile', value: 99.5 }, all: null, sources: [] },
        }),
        'GET /healthz': () => ({ body: { status: 'ok', uptime_seconds: 3661 } }),
        'GET /readyz': () => ({ body: { status: 'ready', components: { daemon: { ok: true, reason: 'running' } } } }),
        ...routes,
      },
      upgrades: { '/v1/stream': this.hub.upgrade.bind(this.hub) },
    })
  }

  get address(): string {
    return this.server.address!
  }

  get port(): number {
    return Number(new URL(this.address).port)
  }

  async start(): Promise<void> {
    await this.hub.start()
    await this.server.start()
  }

  async stop(): Promise<void> {
    await this.hub.stop()
    await this.server.stop()
  }

  /** A score for each half second from `from` to `to`, seconds after START. */
  scores(source: string, from: number, to: number, score: number | ((at: number) => number)): void {
    for (let at = from; at < to; at += 0.5) this.score(source, at, typeof score === 'number' ? score : score(at))
  }

  score(source: string, at: number, score: number, rest: Partial<Score> = {}): void {
    const { threshold = 1 } = rest
    const place = { source, id: `${source}/${at}`, index: at * 2, stream: 'feed.wav', offset: at * 16000 }
    const outcome = { score, threshold, anomalous: score > threshold, late: false, latent: new Float32Array(2) }
    this.hub.score({ ...place, time: START + at * 1000, duration: 1, ...outcome, ...rest })
  }

  episode(change: EpisodeChange, episode: Episode): void {
    this.event({ type: `episode.${change}`, eventId: `${episode.id}/${change}/${episode.windows}`, episode })
  }

  event(event: AuscultEvent): void {
    this.hub.event(event, this.history.add(event))
  }
}
