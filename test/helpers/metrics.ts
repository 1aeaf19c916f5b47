import type { MetricsState } from '../../src/stream/metrics.ts'

/** Two sources, and another number for everything that is counted. */
export const metricsState: MetricsState = {
  sources: [
    {
      name: 'mic',
      state: 'running',
      account: { received: 10, scored: 5, dropped: { overflow: 2 }, failed: { non_finite: 1 }, inFlight: 2 },
      queued: 1,
      threshold: 2.5,
      score: 3,
      suppressed: 4,
      episodes: 6,
      episodeOpen: true,
      conditions: { silence: 'below -60 dBFS' },
      gaps: 8,
      late: 9,
      restarts: 11,
      lastWindowAt: 1_795_318_509_088,
      lag: 12,
      muted: true,
      mutedEpisodes: 3,
      drift: { psi: 0.3, level: 2.2, drifting: { level: 'up', distribution: undefined }, factor: 1.5 },
    },
    {
      name: 'idle',
      state: 'waiting',
      account: { received: 0, scored: 0, dropped: {}, failed: {}, inFlight: 0 },
      queued: 0,
      threshold: 2.5,
      score: undefined,
      suppressed: 0,
      episodes: 0,
      episodeOpen: false,
      conditions: {},
      gaps: 0,
      late: 0,
      restarts: 0,
      lag: undefined,
    },
  ],
  components: {
    store: { ok: true, reason: 'state/events.db' },
    scorer: { ok: false, reason: '0 of 1 threads' },
    'source mic': { ok: true, reason: 'running' },
  },
  store: { events: 30, bytes: 31 },
  websocket: {
    ...{ clients: 1, unsentScores: 7, unsentViews: 32, errors: 33 },
    ...{ closed: { slow: 34, left: 0 }, refused: { full: 35 } },
  },
  webhooks: [{ name: 'pager', outcomes: { delivered: 36, failed: 37 }, lag: 38 }],
  kafkaLag: 39,
  workerRestarts: 2,
  scorer: { devices: { cpu: 1, webgpu: 2 }, fallbacks: 1 },
  clusters: { size: 5, births: 13, merges: 14, refused: 15 },
  evidence: { explained: 16, failed: 17, skipped: 18, bytes: 19 },
  map: { placed: 20, skipped: 21 },
  views: { skipped: 40 },
  mutes: 22,
}

/** Values of a Prometheus exposition text by series, `name{label="value"}`. */
export function parseMetrics(text: string): Map<string, number> {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

/** The sum over all series of a metric that have this label text, for example `source="mic"`. */
export function sumOf(values: Map<string, number>, name: string, label: string): number {
  return [...values]
    .filter(([series]) => series.startsWith(`${name}{`) && series.includes(label))
    .reduce((total, [, value]) => total + value, 0)
}
