import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/logger.ts'
import { eventLogger } from '../../src/stream/event-logger.ts'
import type { EpisodeChange, EpisodeEvent, SourceEvent } from '../../src/types.ts'

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
