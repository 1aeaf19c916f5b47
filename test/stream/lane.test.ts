import { describe, expect, it } from 'vitest'
import { Detector, detectorSchema } from '../../src/stream/detector.ts'
import type { Feed } from '../../src/stream/feed.ts'
import { Lane } from '../../src/stream/lane.ts'
import { FakeFeed } from '../helpers/fake-feed.ts'

const laneOf = (feed: Feed) => new Lane(feed, 4, new Detector(1, detectorSchema.parse({})))

describe('Lane.condition', () => {
  it('is down while a running feed says so, with its reason', () => {
    let health: { ok: boolean; reason?: string } = { ok: false, reason: 'the folder is gone' }
    const lane = laneOf(Object.assign(new FakeFeed('a', []), { health: () => health }))
    expect(lane.condition).toEqual({ state: 'waiting' })
    lane.state = 'running'
    expect(lane.condition).toEqual({ state: 'down', reason: 'the folder is gone' })
    health = { ok: true }
    expect(lane.condition).toEqual({ state: 'running' })
    health = { ok: false }
    lane.state = 'stopped'
    expect(lane.condition).toEqual({ state: 'stopped' })
  })

  it('says why a feed failed', () => {
    const lane = laneOf(new FakeFeed('a', []))
    lane.state = 'failed'
    lane.error = new Error('the cable is cut')
    expect(lane.condition).toEqual({ state: 'failed', reason: 'the cable is cut' })
  })
})
