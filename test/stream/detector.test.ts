import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkConfig } from '../../src/config.ts'
import { Detector, type DetectorOptions, detectorSchema } from '../../src/stream/detector.ts'
import { eventToJson } from '../../src/stream/event-json.ts'
import type { CloseReason, EpisodeEvent, Score } from '../../src/types.ts'

interface Feed {
  threshold: number
  detector: DetectorOptions
  window: { hop: number; duration: number }
  scores: number[]
  end?: CloseReason
}

/** A new folder in test/scenarios/detector is a new case: config.yaml and input.json as below, expected.json the outcome. */
const scenarios = new URL('../scenarios/detector/', import.meta.url)

function play(feed: Feed): { events: EpisodeEvent[]; suppressed: number } {
  const detector = new Detector(feed.detector)
  const events = feed.scores.flatMap((value, index) => detector.push(scoreOf(feed, value, index)))
  if (feed.end) events.push(...detector.end(feed.end))
  return { events, suppressed: detector.suppressed }
}

function scoreOf({ threshold, window }: Feed, score: number, index: number): Score {
  const offset = index * 100
  const time = index * window.hop * 1000
  const place = { source: 'mic', id: `mic/a.wav/${offset}`, index, stream: 'a.wav', offset, time }
  const latent = new Float32Array(1)
  return { ...place, duration: window.duration, score, threshold, anomalous: score > threshold, late: false, latent }
}

describe('detector scenarios', () => {
  it.each(readdirSync(scenarios))('%s', name => {
    const read = (file: string) => readFileSync(new URL(`${name}/${file}`, scenarios), 'utf8')
    const config = parse(read('config.yaml'))
    const detector = checkConfig(config.detector, detectorSchema, `${name}/config.yaml`)
    const { events, suppressed } = play({ ...config, detector, ...JSON.parse(read('input.json')) })
    expect({ suppressed, events: events.map(eventToJson) }).toEqual(JSON.parse(read('expected.json')))
  })
})

const feeds: fc.Arbitrary<Feed> = fc.record({
  threshold: fc.constant(1),
  detector: fc.record({
    open_after: fc.integer({ min: 1, max: 4 }),
    close_after: fc.integer({ min: 1, max: 4 }),
    cooldown: fc.constantFrom(0, 1, 3),
    update_every: fc.constantFrom(0, 1, 2.5),
  }),
  window: fc.constant({ hop: 0.5, duration: 1 }),
  scores: fc.array(fc.constantFrom(0, 0.5, 2, 3), { maxLength: 120 }),
  end: fc.constant<CloseReason>('stopped'),
})

describe('detector properties', () => {
  it('alternates opened and closed, with updates only between, and leaves nothing open', () => {
    fc.assert(
      fc.property(feeds, feed => {
        let open: string | undefined
        for (const { type, episode } of play(feed).events) {
          if (type === 'episode.opened') expect(open).toBeUndefined()
          else expect(open).toBe(episode.id)
          expect(episode.state).toBe(type === 'episode.closed' ? 'closed' : 'open')
          open = type === 'episode.closed' ? undefined : episode.id
        }
        expect(open).toBeUndefined()
      }),
    )
  })

  it('gives every event its own id, and the same ids when played again', () => {
    fc.assert(
      fc.property(feeds, feed => {
        const { events } = play(feed)
        expect(new Set(events.map(event => event.eventId)).size).toBe(events.length)
        expect(play(feed).events).toEqual(events)
      }),
    )
  })

  it('counts each anomalous window once: in an episode, in a run too short to open, or suppressed', () => {
    fc.assert(
      fc.property(feeds, feed => {
        const { events, suppressed } = play({ ...feed, detector: { ...feed.detector, open_after: 1 } })
        const inEpisodes = events
          .filter(event => event.type === 'episode.closed')
          .reduce((total, event) => total + event.episode.windows, 0)
        expect(inEpisodes + suppressed).toBe(feed.scores.filter(score => score > 1).length)
      }),
    )
  })

  it('keeps updates update_every apart', () => {
    fc.assert(
      fc.property(feeds, feed => {
        const gap = feed.detector.update_every * 1000
        let last = Number.NEGATIVE_INFINITY
        for (const { type, episode } of play(feed).events) {
          if (type === 'episode.updated') expect(episode.lastAt - last).toBeGreaterThanOrEqual(gap)
          last = episode.lastAt
        }
      }),
    )
  })
})

describe('Detector', () => {
  const feed: Feed = {
    threshold: 1,
    detector: { open_after: 2, close_after: 1, cooldown: 0, update_every: 0 },
    window: { hop: 1, duration: 1 },
    scores: [],
  }

  it('is undecided from the first anomalous window until an episode opens or a normal one comes', () => {
    const detector = new Detector(feed.detector)
    const states = [0, 5, 0, 5, 5, 5, 0].map((score, i) => {
      detector.push(scoreOf(feed, score, i))
      return [detector.undecided, detector.isOpen]
    })
    expect(states).toEqual([
      [false, false],
      [true, false],
      [false, false],
      [true, false],
      [false, true],
      [false, true],
      [false, false],
    ])
  })

  it('goes on with an open episode as if it had never stopped, passing over what is in it', () => {
    const scores = [5, 5, 7, 5, 3, 5, 0].map((score, i) => scoreOf(feed, score, i))
    const whole = new Detector(feed.detector)
    const expected = scores.flatMap(score => whole.push(score))
    const { episode } = expected[2]
    const resumed = new Detector(feed.detector)
    resumed.resume(episode)
    expect(resumed.isOpen).toBe(true)
    const events = scores.slice(1).flatMap(score => resumed.push(score))
    expect(events).toEqual(expected.slice(3))
  })
})
