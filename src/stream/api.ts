import { episodeToJson } from './episode-json.ts'
import type { Answer, HttpOptions } from './http.ts'
import { publishedSchemas } from './json-schema.ts'
import type { EventStore } from './store/event-store.ts'
import type { ComponentStatus, SourceStatus } from './telemetry.ts'

/** What the HTTP interface shows. */
export interface DaemonView {
  /** Parts by name; ready when all are. */
  components(): Record<string, ComponentStatus>
  sources(): readonly SourceStatus[]
  /** Those opened last first. */
  episodes: EventStore['episodes']
  info(): object
  metrics(): Promise<{ type: string; body: string }>
}

const MOST_EPISODES = 1000

/** The routes of a daemon: `/metrics`, `/healthz`, `/readyz` and `/v1/…`. */
export function apiRoutes(view: DaemonView): HttpOptions['routes'] {
  return {
    '/metrics': () => view.metrics(),
    '/healthz': () => ({ body: { status: 'ok', uptime_seconds: Math.round(process.uptime()) } }),
    '/readyz': () => ready(view.components()),
    '/v1/info': () => ({ body: view.info() }),
    '/v1/schemas': () => ({ body: publishedSchemas }),
    '/v1/sources': () => ({ body: { sources: view.sources().map(sourceToJson) } }),
    '/v1/episodes': query => episodes(view, query),
  }
}

function ready(components: Record<string, ComponentStatus>): Answer {
  const ok = Object.values(components).every(component => component.ok)
  return { status: ok ? 200 : 503, body: { status: ok ? 'ready' : 'not ready', components } }
}

async function episodes(view: DaemonView, query: URLSearchParams): Promise<Answer> {
  const limit = Number(query.get('limit') ?? 100)
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_EPISODES) {
    return badRequest(`limit must be a whole number from 1 to ${MOST_EPISODES}`)
  }
  const before = query.has('before') ? Number(query.get('before')) : undefined
  if (before !== undefined && !(Number.isSafeInteger(before) && before >= 1)) {
    return badRequest('before must be the seq of an episode')
  }
  const found = await view.episodes({ limit, before, source: query.get('source') ?? undefined })
  return { body: { episodes: found.map(episode => ({ seq: episode.seq, ...episodeToJson(episode) })) } }
}

const badRequest = (error: string): Answer => ({ status: 400, body: { error } })

function sourceToJson({ name, state, reason, account, ...status }: SourceStatus): object {
  return {
    name,
    state,
    reason,
    received: account.received,
    scored: account.scored,
    dropped: account.dropped,
    failed: account.failed,
    in_flight: account.inFlight,
    queued: status.queued,
    score: status.score,
    threshold: status.threshold,
    episodes: status.episodes,
    episode_open: status.episodeOpen,
    suppressed: status.suppressed,
    conditions: status.conditions,
    gaps: status.gaps,
    late: status.late,
    restarts: status.restarts,
    lag: status.lag,
  }
}
