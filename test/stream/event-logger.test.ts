import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/logger.ts'
import { eventLogger } from '../../src/stream/event-logger.ts'
import type { EpisodeChange } from '../../src/types.ts'

describe('eventLogger', () => {
  it('logs an episode when it opens and when it closes', () => {
    const lines: unknown[] = []
    const record = (level: string) => ({ value: (fields: object, text: string) => lines.push([level, text, fields]) })
    const sink = eventLogger(Object.create(silentLogger, { warn: record('warn'), info: record('info') }))
    for (const change of ['opened', 'updated', 'closed'] satisfies EpisodeChange[]) {
      sink.event({
        type: `episode.${change}`,
        eventId: change,
        episode: {
          ...{ id: 'x', source: 'mic', state: 'open', openedAt: 1000, lastAt: 3500, stream: 'a.wav', offset: 16 },
          ...{ windows: 4, peakScore: 3, meanScore: 2, threshold: 1, closeReason: 'recovered' },
        },
      })
    }
    expect(lines).toMatchObject([
      ['warn', 'episode opened', { source: 'mic', stream: 'a.wav', offset: 16, score: 3 }],
      ['info', 'episode closed', { seconds: 2.5, windows: 4, peak: 3, reason: 'recovered' }],
    ])
    expect(sink.wantsScores).toBe(false)
  })
})
