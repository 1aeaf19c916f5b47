import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/logger.ts'
import { eventLogger } from '../../src/stream/event-logger.ts'
import type { AuscultEvent, EpisodeChange, EpisodeEvent, SourceEvent } from '../../src/types.ts'

function setUp() {
  const lines: unknown[] = []
  const record = (level: string) => ({ value: (fields: object, text: string) => lines.push([level, text, fields]) })
  const sink = eventLogger(Object.create(silentLogger, { warn: record('warn'), info: record('info') }))
  return { lines, sink }
}

describe('eventLogger', () => {
  it('logs an episode when it opens and when it closes', () => {
    const { lines, sink } = setUp()
    for (const change of ['opened', 'updated', 'closed'] satisfies EpisodeChange[]) {
      const event: EpisodeEvent = {
        type: `episode.${change}`,
        eventId: change,
        episode: {
          ...{ id: 'x', source: 'mic', state: 'open', openedAt: 1000, lastAt: 3500, stream: 'a.wav', offset: 16 },
          ...{ windows: 4, peakScore: 3, meanScore: 2, threshold: 1, closeReason: 'recovered' },
        },
      }
      sink.event(event, 1)
    }
    expect(lines).toMatchObject([
      ['warn', 'episode opened', { source: 'mic', stream: 'a.wav', offset: 16, score: 3 }],
      ['info', 'episode closed', { seconds: 2.5, windows: 4, peak: 3, reason: 'recovered' }],
    ])
    expect(sink.wantsScores).toBe(false)
  })

  it('logs a trouble of a source, and its end', () => {
    const { lines, sink } = setUp()
    const about = { eventId: '', source: 'mic', condition: 'silence', time: 0 } as const
    const events: SourceEvent[] = [
      { type: 'source.troubled', ...about, message: 'below -60 dBFS' },
      { type: 'source.recovered', ...about, message: 'over' },
    ]
    for (const [i, event] of events.entries()) sink.event(event, i)
    expect(lines).toEqual([
      ['warn', 'below -60 dBFS', { source: 'mic', condition: 'silence' }],
      ['info', 'source recovered', { source: 'mic', condition: 'silence' }],
    ])
  })
})

describe('eventLogger, of what changes slowly', () => {
  it('logs a muted episode as information, with what it is like', () => {
    const { lines, sink } = setUp()
    const episode = {
      ...{ id: 'x', source: 'mic', state: 'open' as const, openedAt: 1000, lastAt: 3500, stream: 'a.wav', offset: 16 },
      ...{ windows: 4, peakScore: 3, meanScore: 2, threshold: 1 },
      cluster: { id: 7, key: 'k', label: 'belt squeal', distance: 1, radius: 2, episodes: 3, exemplars: [] },
      muted: { id: 'm1', reason: 'false_alarm' as const },
    }
    sink.event({ type: 'episode.opened', eventId: '', episode }, 1)
    expect(lines).toMatchObject([['info', 'episode opened', { cluster: 'belt squeal', muted: 'false_alarm' }]])
  })

  it('logs drift, clusters and decisions', () => {
    const { lines, sink } = setUp()
    const drift = {
      eventId: '',
      source: 'mic',
      kind: 'level' as const,
      time: 2,
      since: 1,
      before: 1,
      after: 2,
      psi: 0.4,
    }
    const decision = { eventId: '', time: 2, who: 'ann', source: '', before: null, after: null }
    const events: AuscultEvent[] = [
      { type: 'drift.began', ...drift },
      { type: 'drift.over', ...drift },
      { type: 'cluster.merged', eventId: '', source: 'mic', window: 'w', time: 2, cluster: 9, into: 3 },
      { type: 'decision', action: 'threshold.set', ...decision },
    ]
    for (const [i, event] of events.entries()) sink.event(event, i)
    expect(lines).toMatchObject([
      ['warn', 'drift', { source: 'mic', kind: 'level', before: 1, after: 2, psi: 0.4 }],
      ['warn', 'drift is over', { source: 'mic' }],
      ['info', 'cluster merged', { window: 'w', cluster: 9, into: 3 }],
      ['info', 'threshold.set', { who: 'ann', source: undefined }],
    ])
  })
})
