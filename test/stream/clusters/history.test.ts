import { expect, it } from 'vitest'
import { EpisodeHistory } from '../../../src/stream/clusters/history.ts'
import { episodeEvent } from '../../helpers/events.ts'

const episode = (offset: number, source = 'mic') => episodeEvent(offset, 'closed', source).episode
const again = (history: EpisodeHistory) => EpisodeHistory.restore(JSON.parse(JSON.stringify(history.state())))

it('counts episodes of a cluster, and notes the first and the last', () => {
  const history = new EpisodeHistory()
  expect(history.of(1)).toEqual({ episodes: 0 })
  for (const offset of [5, 9, 20]) expect(history.count(1, episode(offset))).toBe(true)
  expect(history.count(1, episode(3, 'other'))).toBe(true)
  expect(history.count(2, episode(30))).toBe(true)
  for (const each of [history, again(history)]) {
    expect(each.of(1)).toEqual({ episodes: 4, firstAt: 3, lastAt: 20 })
    expect(each.of(2)).toEqual({ episodes: 1, firstAt: 30, lastAt: 30 })
  }
})

it('counts none twice: neither one that a feed delivers again, nor one that is played at another time', () => {
  const history = new EpisodeHistory()
  history.count(1, episode(5))
  history.count(1, episode(9))
  for (const each of [history, again(history)]) {
    expect([each.count(1, episode(5)), each.count(2, episode(9))]).toEqual([false, false])
    expect(each.count(1, { ...episode(5), openedAt: 1000 })).toBe(false)
    expect(each.has(episode(10))).toBe(false)
    expect(each.of(1).episodes).toBe(2)
  }
})

it('passes on what was merged, and drops what is forgotten', () => {
  const history = new EpisodeHistory()
  history.count(1, episode(5))
  history.count(2, episode(9))
  history.merge(2, 1)
  history.merge(8, 1)
  expect([history.of(1), history.of(2)]).toEqual([{ episodes: 2, firstAt: 5, lastAt: 9 }, { episodes: 0 }])
  history.merge(1, 3)
  history.forget(3)
  expect(history.of(3)).toEqual({ episodes: 0 })
})

it('is bounded, however many sources there are', () => {
  const history = new EpisodeHistory()
  for (let i = 0; i < 6000; i++) history.count(1, episode(i, `mic${i}`))
  expect(history.of(1).episodes).toBe(6000)
  expect(JSON.stringify(history.state()).length).toBeLessThan(150_000)
  expect([history.has(episode(5999, 'mic5999')), history.has(episode(0, 'mic0'))]).toEqual([true, false])
})
