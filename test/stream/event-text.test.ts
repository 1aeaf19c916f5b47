import { describe, expect, it } from 'vitest'
import { eventToJson } from '../../src/stream/event-json.ts'
import { eventText } from '../../src/stream/event-text.ts'
import { sourceEvent } from '../../src/stream/events.ts'
import type { AuscultEvent, ClusterEvent, DecisionEvent, DriftEvent, Episode, EpisodeChange } from '../../src/types.ts'

const episode: Episode = {
  ...{ id: 'pump/a/0', source: 'pump', state: 'open', openedAt: 1000, lastAt: 14_500, stream: 'a', offset: 0 },
  ...{ windows: 51, peakScore: 3.031754, meanScore: 2, threshold: 0.9176 },
}
const cluster = { id: 3, key: 'k', label: 'belt squeal', distance: 1, radius: 2, episodes: 4, exemplars: [] }
const explanation = {
  ...{ window: 'w', time: 1, score: 3, contributors: [] },
  summary: '41 % of the residual at 3.7–4.2 kHz,\n10 dB above what is expected',
}
const changed = (change: EpisodeChange, more: Partial<Episode> = {}): AuscultEvent => ({
  ...{ type: `episode.${change}`, eventId: 'x' },
  episode: { ...episode, ...more },
})
const decision: DecisionEvent = {
  ...{ type: 'decision', eventId: 'x', action: 'threshold.set', time: 1, who: 'ada', source: 'pump' },
  ...{ before: null, after: null },
}
const drift: DriftEvent = {
  ...{ type: 'drift.began', eventId: 'x', source: 'pump', kind: 'level', time: 1, since: 1 },
  ...{ before: 0.51234, after: 0.7, psi: 0.3 },
}
const born: ClusterEvent = {
  ...{ type: 'cluster.born', eventId: 'x', source: 'pump', window: 'w', time: 1, cluster: 4 },
}

describe('eventText', () => {
  it.each<[AuscultEvent, string]>([
    [changed('opened'), 'pump is anomalous: score 3.032, ×3.3 the threshold'],
    [
      changed('updated', { cluster, explanation: { ...explanation, summary: 'The residual is spread' } }),
      'pump is still anomalous after 13.5 s: score 3.032, ×3.3 the threshold; like belt squeal (4); the residual is spread',
    ],
    [changed('explained', { explanation }), 'pump: 41 % of the residual at 3.7–4.2 kHz, 10 dB above what is expected'],
    [
      changed('closed', { closedAt: 601_000, closeReason: 'recovered', lastAt: 601_000 }),
      'pump is normal again, after 10 min: score 3.032, ×3.3 the threshold',
    ],
    [
      changed('closed', { closedAt: 1, closeReason: 'absorbed', lastAt: 7_201_000 }),
      'pump stays on its new level, which counts as normal now, after 2 h: score 3.032, ×3.3 the threshold',
    ],
    [
      changed('acknowledged', { acknowledged: { who: 'ada', at: 1, note: 'on\nit' } }),
      'ada has seen the episode of pump: on it',
    ],
    [changed('muted', { muted: { id: 'm3', reason: 'mute' } }), 'the episode of pump is muted (m3)'],
    [changed('muted'), 'the episode of pump is no longer muted'],
    [sourceEvent('pump', 'silence', 'nothing is heard\nfor 10 s', 1), 'pump gives silence: nothing is heard for 10 s'],
    [sourceEvent('pump', 'wrong_rate', undefined, 1), 'pump: a wrong sample rate is over'],
    [drift, 'scores of pump drift: 0.5123 → 0.7'],
    [{ ...drift, kind: 'distribution' }, 'scores of pump are spread in another way: 0.5123 → 0.7'],
    [{ ...drift, kind: 'absorbed' }, 'a new level of pump counts as normal now: 0.5123 → 0.7'],
    [{ ...drift, type: 'drift.over' }, 'scores of pump are as before again: 0.5123 → 0.7'],
    [born, 'a new kind of window: cluster 4, from pump'],
    [{ ...born, type: 'cluster.merged', into: 2, label: 'hum' }, 'hum (cluster 4) is one with cluster 2 now'],
    [{ ...born, type: 'cluster.split', into: 5 }, 'a part of cluster 4 is cluster 5 now'],
    [{ ...born, type: 'cluster.forgotten' }, 'cluster 4 is forgotten'],
    [{ ...decision, note: 'fewer calls' }, 'ada: threshold set, pump: fewer calls'],
    [
      { ...decision, action: 'false_alarm', source: '', cluster: 3, episodeId: 'pump/a/0' },
      'ada: false alarm, cluster 3, episode pump/a/0',
    ],
  ])('says $type in a sentence', (event, sentence) => {
    expect(eventText(eventToJson(event))).toBe(sentence)
  })
})
