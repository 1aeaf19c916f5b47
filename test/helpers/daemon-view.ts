import { AuscultError } from '../../src/errors.ts'
import type { DaemonView } from '../../src/stream/api/view.ts'
import type { ClusterStatus } from '../../src/stream/clusters/cluster-status.ts'
import type { By, Mute } from '../../src/stream/decisions/types.ts'
import { episodeToJson } from '../../src/stream/episode-json.ts'
import { eventToJson } from '../../src/stream/event-json.ts'
import type { Evidence } from '../../src/stream/evidence/evidence.ts'
import type { PlacedPoint } from '../../src/stream/map/latent-map.ts'
import type { StoredEpisode } from '../../src/stream/store/event-store.ts'
import type { Searches } from '../../src/stream/store/search.ts'
import type { SourceStatus } from '../../src/stream/telemetry.ts'
import { decisionEvent, episodeEvent, sourceEvent } from './events.ts'

/** A name of everything that must be encoded in a path. */
export const ODD = "line 2/ü%2F?#&=+'\\.wav/0"

export const storedEpisode = (seq: number, id = `mic/a/${seq}`): StoredEpisode => ({
  ...episodeEvent(seq).episode,
  id,
  seq,
  cluster: {
    id: 3,
    key: '0123456789abcdef',
    label: 'belt squeal',
    distance: 1,
    radius: 2,
    episodes: 4,
    firstAt: 1,
    lastAt: 2,
    exemplars: ['x'],
  },
})

export const sourceStatus = (name: string): SourceStatus => ({
  ...{
    name,
    state: 'running',
    conditions: { silence: 'nothing is heard' },
    gaps: 0,
    late: 0,
    restarts: 0,
    lag: undefined,
  },
  account: { received: 6, scored: 3, dropped: { overflow: 1 }, failed: { non_finite: 1 }, inFlight: 1 },
  ...{ queued: 1, threshold: 1, score: undefined, suppressed: 0, episodes: 2, episodeOpen: true },
  ...{ muted: true, mutedEpisodes: 1, drift: { psi: 0.1, level: undefined, drifting: { level: 'up' }, factor: 1 } },
})

/** As the store holds it: decisions, and events of every kind. */
const storedJson = (what: keyof Searches, seq: number): object => {
  if (what === 'episodes') return episodeToJson(storedEpisode(seq))
  if (what === 'audit' || seq === 5) return eventToJson(decisionEvent(seq))
  return eventToJson(seq === 4 ? sourceEvent('silence') : episodeEvent(seq))
}

const clusterView = (id: number): ClusterStatus => ({
  ...{ id, trained: id < 2 ? 7 : 0, windows: 10, weight: 9.5, radius: 2, episodes: 1, exemplars: ['mic/a/0'] },
  ...(id >= 2 && { born: 'mic/a/7', firstAt: 7, lastAt: 9, firstEpisodeAt: 8, lastEpisodeAt: 8 }),
})

const mute: Mute = {
  ...{ id: 'm1', reason: 'false_alarm', cluster: 3, key: 'k', episodeId: ODD, until: null, who: 'ada', at: 5 },
  ...{ episodes: 2, lastAt: 6, dormant: false },
}

const evidence: Evidence = {
  ...{ format: 1, episode_id: ODD, source: 'line 2', window: 'w', time: 1, score: 2, threshold: 1, summary: 'high' },
  contributors: [{ axis: 'frequency', label: '2.1–2.6 kHz', share: 0.6, difference: 9 }],
  clip: { file: 'a.npz', type: 'application/zip', frames: 3, shape: [2, 2], peak: 1 },
  ...{ scores: [{ time: 1, score: 2 }], unit: 'dB', axes: { x: { name: 'time', unit: 's', edges: [0, 1] } } },
  ...{ features: [[1]], reconstruction: [[0]], residual: [[1]] },
}

const placed = (seq: number): PlacedPoint => ({
  ...{
    seq,
    source: 'mic',
    window: 'w',
    time: 1,
    score: 0.5,
    anomalous: false,
    cluster: 3,
    place: [0, 1],
    pca: [0, 1, 2],
  },
})

const side = { windows: 1000, median: 0.4, percentile_99: 0.9, threshold: 1 }
const policy = { policy: 'percentile' as const, value: 99 }

const found = <T>(value: T | undefined, at: string): T => {
  if (value !== undefined) return value
  throw new AuscultError('AUSCULT_NOT_FOUND', 'there is no such thing', { at })
}

/** What was decided: the method, and what it was called with. */
export type Decided = [method: string, ...args: unknown[]]

/**
 * Five episodes (one of them with an odd id), sources, clusters and decisions each, and decisions that are only written down.
 * Nothing is kept of the others than the odd episode; a source named `new` has too few windows, and one named `broken` is.
 */
export function fakeView(): DaemonView & { readonly decided: Decided[] } {
  const episodes = [5, 4, 3, 2, 1].map(seq => storedEpisode(seq, seq === 3 ? ODD : undefined))
  const decided: Decided[] = []
  const note = (...call: Decided) => void decided.push(call)
  const episode = (id: string) =>
    found(
      episodes.find(each => each.id === id),
      id,
    )
  const below = <T extends { seq: number }>(rows: T[], { limit, before = 9 }: { limit: number; before?: number }) =>
    rows.filter(({ seq }) => seq < before).slice(0, limit)
  const above = (ids: number[], { limit, after = -1 }: { limit: number; after?: number }) =>
    ids.filter(id => id > after).slice(0, limit)
  return {
    decided,
    components: () => ({ store: { ok: true, reason: 'in memory' }, scorer: { ok: false, reason: 'loading' } }),
    sources: () => ['mic', ODD, 'b', 'new', 'c'].map(sourceStatus),
    info: () => ({ name: 'pump', version: '1', threshold: 1, sources: ['mic'] }),
    status: () => ({
      ...{ time: 1, received: 6, scored: 3, dropped: 1, failed: 1, in_flight: 1, queued: 1, rate: 2.5 },
      ...{ latency: { p50: 0.02, p99: null }, sources: 1, episodes_open: 1, clients: 0, devices: { cpu: 1 } },
      ...{ fallbacks: 0, ready: true },
    }),
    metrics: async () => ({ type: 'text/plain', body: 'auscult_build_info 1' }),
    store: {
      last: 5,
      async search(what, query) {
        note(`search ${what}`, query)
        const texts = [5, 4, 3, 2, 1].map(seq => ({ seq, text: JSON.stringify(storedJson(what, seq)) }))
        if (query.after === undefined) return below(texts, query)
        return texts
          .filter(({ seq }) => seq > query.after! && seq < (query.before ?? 9))
          .reverse()
          .slice(0, query.limit)
      },
      async episodes(query) {
        note('episodes', query)
        return below(episodes, query)
      },
      episode: async id => episodes.find(each => each.id === id),
      audit: async query =>
        below(
          [5, 4, 3, 2, 1].map(seq => ({ seq, event: decisionEvent(seq) })),
          query,
        ),
    },
    decisions: {
      async setThreshold(source, chosen, by) {
        note('setThreshold', source, chosen, by)
        return { source, policy, threshold: 1 }
      },
      async resetThreshold(source, by) {
        note('resetThreshold', source, by)
        return { source, policy, threshold: 1 }
      },
      thresholds: () => ({ configured: policy, sources: [{ source: 'mic', policy, who: 'ada', at: 1 }] }),
      async acknowledge(id, by) {
        note('acknowledge', id, by)
        return { ...episode(id), acknowledged: { ...by, at: 7 } }
      },
      async label(cluster, label, by) {
        note('label', cluster, label, by)
        return { cluster, label }
      },
      async mute(target, seconds, by) {
        note('mute', target, seconds, by)
        return { ...mute, ...target, ...by, reason: 'mute' }
      },
      async falseAlarm(id, options, by: By) {
        note('falseAlarm', id, options, by)
        return { episode: episode(id), mute }
      },
      async unmute(id, by) {
        note('unmute', id, by)
        return found(id === mute.id ? mute : undefined, id)
      },
      mutes: () => [mute],
      async recalibrate(source, options, by) {
        note('recalibrate', source, options, by)
        if (source === 'broken') throw new Error('at /srv/private')
        if (source === 'new') throw new AuscultError('AUSCULT_RECALIBRATION', '3 normal windows are too few')
        const report = { before: side, after: side, factor: 1, trimmed: 0, psi: 0, forced: false }
        return { source, applied: !options.dryRun, report }
      },
      async revert(source, by) {
        note('revert', source, by)
        return { source, before: 1, after: 2, left: 0 }
      },
    },
    clusters: {
      list: query => above([0, 1, 2, 3, 4], query).map(clusterView),
      get: id => (id <= 4 ? clusterView(id) : undefined),
    },
    evidence: {
      read: async id => (id === ODD ? evidence : undefined),
      clip: async id =>
        id === ODD ? { type: 'audio/wav', bytes: Uint8Array.of(82, 73, 70, 70, 255), name: `${id}.wav` } : undefined,
    },
    scores: {
      of: (source, { points }) =>
        [1, 2, 3]
          .slice(0, points)
          .map(time => ({ ...{ time, duration: 1, score: 2, threshold: 1 }, anomalous: source === 'mic', windows: 1 })),
    },
    webhooks: {
      list: () => [
        {
          ...{ name: 'team', to: 'https://example.org', signed: true, ok: true, reason: '2 delivered', lag: 0 },
          outcomes: { delivered: 2 },
        },
      ],
      async test(name) {
        found(name === 'team' || undefined, name)
        return { delivered: false, reason: 'status 500', seconds: 0.1 }
      },
    },
    map: {
      json: () => ({
        ...{
          method: 'umap',
          seed: 1,
          options: null,
          places: [[0, 1]],
          windows: ['w'],
          clusters: [null],
          scores: [0.5],
        },
        pca: { explained_variance_ratio: [0.5], places: [[0, 1, 2]] },
      }),
      points: query => above([1, 2, 3, 4, 5], query).map(placed),
    },
  }
}
