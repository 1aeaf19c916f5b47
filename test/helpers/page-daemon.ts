import { silentLogger } from '../../src/logger.ts'
import type { EpisodeJson } from '../../src/stream/episode-json.ts'
import { HttpServer, httpSchema, type Routes } from '../../src/stream/http.ts'
import type { History } from '../../src/stream/stream-client.ts'
import { WebSocketHub } from '../../src/stream/websocket.ts'
import type { AuscultEvent, Episode, EpisodeChange, Score } from '../../src/types.ts'
import { noHistory } from './events.ts'
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

export interface DaemonOptions {
  readonly port?: number
  /** Routes besides the lists of episodes and sources, which are empty; those of the same name are taken instead. */
  readonly routes?: Routes
  readonly episodes?: readonly EpisodeJson[]
  readonly history?: History
  /** What `hello` says besides what it always says. */
  readonly info?: object
}

/** The daemon's own server and hub, fed by the test. */
export class PageDaemon {
  readonly hub: WebSocketHub
  readonly server: HttpServer
  seq = 0

  constructor({ port = 0, routes = {}, episodes = [], history = noHistory, info = {} }: DaemonOptions = {}) {
    this.hub = new WebSocketHub(() => ({ ...INFO, ...info }), history)
    this.server = new HttpServer({
      ...httpSchema.parse({ port }),
      page: `${PROJECT}dashboards/live`,
      logger: silentLogger,
      routes: {
        'GET /v1/episodes': () => ({ body: { episodes, next: null } }),
        'GET /v1/sources': () => ({ body: { sources: [], next: null } }),
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

  start(): Promise<void> {
    return this.server.start()
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
    const place = { source, id: `${source}/${at}`, index: at * 2, stream: 'feed.wav', offset: at * 16000 }
    const outcome = { score, threshold: 1, anomalous: score > 1, late: false, latent: new Float32Array(2) }
    this.hub.score({ ...place, time: START + at * 1000, duration: 1, ...outcome, ...rest })
  }

  episode(change: EpisodeChange, episode: Episode): void {
    this.event({ type: `episode.${change}`, eventId: `${episode.id}/${change}/${episode.windows}`, episode })
  }

  event(event: AuscultEvent): void {
    this.hub.event(event, ++this.seq)
  }
}
