import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { eventToJson, numbered } from '../../src/stream/event-json.ts'
import { sourceEvent } from '../../src/stream/events.ts'
import { publishedSchemas } from '../../src/stream/json-schema.ts'
import { scoreToJson } from '../../src/stream/score-json.ts'
import type { AuscultEvent, Episode, Score } from '../../src/types.ts'
import { PROJECT } from '../helpers/requires.ts'

const open: Episode = {
  ...{ id: 'pump/a/0', source: 'pump', state: 'open', openedAt: 1, lastAt: 2, stream: 'a', offset: 0 },
  ...{ windows: 2, peakScore: 4, meanScore: 3, threshold: 1 },
}
const closed: Episode = { ...open, state: 'closed', closedAt: 2, closeReason: 'handed_over' }
const events: AuscultEvent[] = [
  { type: 'episode.opened', eventId: 'pump/a/0/opened', episode: open },
  { type: 'episode.updated', eventId: 'pump/a/0/updated/2', episode: open },
  { type: 'episode.closed', eventId: 'pump/a/0/closed', episode: closed },
  sourceEvent('pump', 'silence', 'nothing is heard', 5),
  sourceEvent('pump', 'silence', undefined, 6),
  {
    ...{ type: 'cluster.merged', eventId: 'pump/a/9/merged/4', source: 'pump', window: 'pump/a/9', time: 7 },
    ...{ cluster: 4, into: 2, label: 'belt squeal' },
  },
  {
    ...{ type: 'drift.began', eventId: 'pump/drift/level/8', source: 'pump', kind: 'level', time: 8, since: 2 },
    ...{ before: 0.5, after: 0.7, psi: 0.3 },
  },
  {
    ...{ type: 'decision', eventId: 'decision/1', action: 'threshold.set', time: 9, who: 'ada', source: '' },
    ...{ note: 'too many', before: { policy: 'percentile' }, after: { policy: 'gamma' } },
  },
  { type: 'decision', eventId: 'decision/2', action: 'muted', time: 9, who: 'a', source: 'b', before: null, after: 1 },
]
const score: Score = {
  ...{ source: 'pump', id: 'pump/a/0', index: 0, stream: 'a', offset: 0, time: 1, duration: 0.5 },
  ...{ score: 0.25, threshold: 1, anomalous: false, late: true, latent: Float32Array.of(1, 2) },
}

const ajv = new Ajv2020({ strict: true })
const validate = {
  event: ajv.compile(publishedSchemas.event),
  score: ajv.compile(publishedSchemas.score),
}

/** What is sent, as a reader reads it. */
const sent = (event: AuscultEvent) => JSON.parse(numbered(7, JSON.stringify(eventToJson(event))))

describe('published schemas', () => {
  // `npx vitest run test/stream/json-schema.test.ts -u` writes the files.
  it.each(['event', 'score', 'websocket'] as const)('stand in docs/schema: %s', async name => {
    const text = `${JSON.stringify(publishedSchemas[name], null, 2)}\n`
    await expect(text).toMatchFileSnapshot(join(PROJECT, 'docs', 'schema', `${name}.schema.json`))
  })

  it.each(events)('fit $type', event => {
    expect(validate.event(sent(event)), JSON.stringify(validate.event.errors)).toBe(true)
  })

  it('fit scores with and without their latents', () => {
    for (const latents of [true, false]) expect(validate.score(scoreToJson(score, latents))).toBe(true)
  })

  it('let readers of today read what gets more fields tomorrow', () => {
    expect(validate.event({ ...sent(events[0]), tomorrow: 1 })).toBe(true)
  })

  it('refuse what lacks its number, its id, or is of another type', () => {
    const { seq, event_id, ...rest } = sent(events[0])
    for (const wrong of [
      { ...rest, seq },
      { ...rest, event_id },
      { ...rest, seq, event_id, type: 'episode.begun' },
    ]) {
      expect(validate.event(wrong)).toBe(false)
    }
    expect(validate.score({ ...scoreToJson(score, false), score: null })).toBe(false)
  })
})
