import { describe, expect, it } from 'vitest'
import { Lane } from '../../src/stream/lane.ts'
import { Tap } from '../../src/stream/tap.ts'
import { FakeFeed } from '../helpers/fake-feed.ts'
import { judgeOf } from '../helpers/judge.ts'

function laneOf(source: string) {
  const tap = new Tap(new FakeFeed('feed', []), 4)
  const add = (name: string) => {
    const lane = new Lane(name, tap, judgeOf())
    tap.lanes.set(name, lane)
    return lane
  }
  return { tap, own: add('feed'), lane: add(source) }
}

describe('Lane.condition', () => {
  it('is down while the source of a running feed says so, with its reason', () => {
    const { tap, lane } = laneOf('feed/a')
    lane.conditions.set('down', 'the cable is cut')
    expect(lane.condition).toEqual({ state: 'waiting' })
    tap.state = 'running'
    expect(lane.condition).toEqual({ state: 'down', reason: 'the cable is cut' })
    lane.conditions.clear()
    expect(lane.condition).toEqual({ state: 'running' })
  })

  it('is down with the whole feed, and well with other troubles', () => {
    const { tap, own, lane } = laneOf('feed/a')
    tap.state = 'running'
    own.conditions.set('silence', 'below -60 dBFS')
    expect(lane.condition).toEqual({ state: 'running' })
    own.conditions.set('down', 'no broker')
    expect(lane.condition).toEqual({ state: 'down', reason: 'no broker' })
    lane.away = true
    expect(lane.condition).toEqual({ state: 'handed_over' })
    tap.state = 'stopped'
    expect(lane.condition).toEqual({ state: 'stopped' })
  })

  it('says why a feed failed', () => {
    const { tap, lane } = laneOf('feed/a')
    tap.state = 'failed'
    tap.error = new Error('the cable is cut')
    expect(lane.condition).toEqual({ state: 'failed', reason: 'the cable is cut' })
  })
})

describe('Tap.owns', () => {
  it('takes its own name and names below it', () => {
    const { tap } = laneOf('feed/a')
    expect(['feed', 'feed/a', 'feed/a/b', 'feeder', 'other'].map(name => tap.owns(name))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })
})
