import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { episodeFromJson, episodeToJson } from '../../src/stream/episode-json.ts'
import { eventFromJson, eventToJson, numbered, sourceOf } from '../../src/stream/event-json.ts'
import type { EpisodeEvent } from '../../src/types.ts'
import { sourceEvent } from '../helpers/events.ts'

const opened: EpisodeEvent = {
  type: 'episode.opened',
  eventId: 'mic/a.wav/16000/opened',
  episode: {
    id: 'mic/a.wav/16000',
    source: 'mic',
    state: 'open',
    openedAt: 1000,
    lastAt: 2500,
    stream: 'a.wav',
    offset: 16000,
    windows: 2,
    peakScore: 3,
    meanScore: 2.5,
    threshold: 1,
  },
}
const closed: EpisodeEvent = {
  type: 'episode.closed',
  eventId: 'mic/a.wav/16000/closed',
  episode: { ...opened.episode, state: 'closed', closedAt: 2500, closeReason: 'recovered' },
}

describe('event JSON', () => {
  it.each([opened, closed, sourceEvent('silence'), sourceEvent(undefined)])('reads what it wrote: $type', event => {
    expect(eventFromJson(JSON.parse(JSON.stringify(eventToJson(event))))).toEqual(event)
  })

  it('writes snake case', () => {
    expect(eventToJson(closed)).toMatchObject({ event_id: closed.eventId, episode: { close_reason: 'recovered' } })
  })

  it('ignores fields of later versions', () => {
    const json = eventToJson(opened)
    expect(eventFromJson({ ...json, episode: { ...json.episode, colour: 4 }, extra: 1 })).toEqual(opened)
  })

  it.each([null, 3, {}, { type: 'episode.opened' }, { ...eventToJson(opened), type: 'score' }])('refuses %j', json => {
    expect(eventFromJson(json)).toBeUndefined()
  })

  it('reads episodes alone', () => {
    expect(episodeFromJson(JSON.parse(JSON.stringify(episodeToJson(closed.episode))))).toEqual(closed.episode)
    expect(episodeFromJson({ id: 'mic' })).toBeUndefined()
  })

  it('puts the number before the stored text', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (message, seq) => {
        const json = eventToJson({ ...sourceEvent('down'), message })
        const text = JSON.stringify(json)
        expect(text).not.toContain('\n')
        expect(JSON.parse(numbered(seq, text))).toEqual({ seq, ...json })
      }),
    )
  })

  it('knows the source of every kind', () => {
    expect([opened, sourceEvent('down')].map(sourceOf)).toEqual(['mic', 'mic'])
  })
})
