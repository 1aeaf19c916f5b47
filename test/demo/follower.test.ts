import { describe, expect, it } from 'vitest'
import { Follower, type Happening } from '../../src/demo/follower.ts'
import { narrate } from '../../src/demo/narrator.ts'
import type { Fault, Schedule } from '../../src/train/synth/index.ts'
import type { EpisodeEvent, Score } from '../../src/types.ts'

const T0 = 1_700_000_000_000
const faults: Fault[] = [{ kind: 'belt-squeal', onset: 10, duration: 5, severity: 0.8 }]
const plan: Schedule = { faults, seconds: 30, normalSeconds: 25 }

const score = (at: number): Score => ({
  source: 'fan',
  id: `fan/${at}`,
  index: at,
  stream: 'feed.wav',
  offset: at * 16_000,
  time: T0 + at * 1000,
  duration: 1,
  score: 0.5,
  threshold: 1,
  anomalous: false,
  late: false,
  latent: new Float32Array(1),
})

const episode = (type: 'opened' | 'updated' | 'closed', from: number, to: number): EpisodeEvent => ({
  type: `episode.${type}`,
  eventId: `${from}/${type}`,
  episode: {
    id: String(from),
    source: 'fan',
    state: type === 'closed' ? 'closed' : 'open',
    openedAt: T0 + from * 1000,
    lastAt: T0 + to * 1000,
    ...(type === 'closed' && { closedAt: T0 + to * 1000 }),
    stream: 'feed.wav',
    offset: from * 16_000,
    windows: 3,
    peakScore: 2.5,
    meanScore: 2,
    threshold: 1,
  },
})

function follow() {
  const told: Happening[] = []
  const follower = new Follower(plan, 1, happening => told.push(happening))
  return { told, follower, types: () => told.map(({ type }) => type) }
}

describe('narrate', () => {
  it('says why, and whether the like was there before', () => {
    const episode = {
      ...{
        id: 'x',
        source: 'mic',
        state: 'closed' as const,
        openedAt: 0,
        lastAt: 9,
        stream: 'a',
        offset: 0,
        windows: 2,
      },
      ...{ peakScore: 2, meanScore: 2, threshold: 1 },
      explanation: { window: 'w', time: 62_000, score: 2, summary: '62 % at 2–3 kHz', contributors: [] },
    }
    const cluster = { id: 4, key: 'k', distance: 1, radius: 2, exemplars: [] }
    const say = (episodes: number) => {
      const known = { ...episode, cluster: { ...cluster, episodes } }
      return narrate(
        { type: 'explained', at: 62, event: { type: 'episode.explained', eventId: '', episode: known } },
        5,
      )
    }
    expect(say(1)).toContain('1:02')
    expect(say(1)).toContain('a new kind: 62 % at 2–3 kHz')
    expect(say(2)).toContain('2nd of its kind: 62 %')
  })
})

describe('Follower', () => {
  it('tells truth and episodes in the order of the feed', () => {
    const { follower, told, types } = follow()
    for (let at = 0; at < 11; at++) follower.score(score(at))
    follower.episode(episode('opened', 9, 11.5))
    follower.episode(episode('updated', 9, 13))
    for (let at = 11; at < 29; at++) follower.score(score(at))
    follower.episode(episode('closed', 9, 15.5))
    follower.endPass()
    expect(types()).toEqual(['begins', 'opened', 'ends', 'closed', 'pass'])
    expect(told[1]).toMatchObject({ at: 11.5, fault: faults[0] })
    expect(told[4]).toMatchObject({ pass: 0, judgement: { findings: [{ delay: 1.5 }], falseAlarms: [] } })
    expect(told.map(each => narrate(each, 5)).join('\n')).toContain('found 1, missed 0, false 0 in 5 minutes')
  })

  it('judges each pass of a looped feed by itself', () => {
    const { follower, told } = follow()
    follower.score(score(0))
    follower.episode(episode('opened', 20, 22))
    for (let at = 1; at <= 29; at++) follower.score(score(at))
    follower.score(score(30))
    follower.episode(episode('opened', 39, 41))
    for (let at = 31; at <= 60; at++) follower.score(score(at))
    const passes = told.flatMap(each => (each.type === 'pass' ? [each] : []))
    expect(
      passes.map(({ pass, judgement }) => [pass, judgement.falseAlarms.length, judgement.findings[0].delay]),
    ).toEqual([
      [0, 1, null],
      [1, 0, 1],
    ])
    expect(told.filter(({ type }) => type === 'begins')).toHaveLength(2)
    expect(follower.windows).toBe(61)
  })

  it('says when an alarm is false', () => {
    const { follower, told } = follow()
    follower.score(score(0))
    follower.episode(episode('opened', 2, 4))
    expect(told).toHaveLength(1)
    expect(narrate(told[0], 5)).toContain('FALSE')
  })
})
