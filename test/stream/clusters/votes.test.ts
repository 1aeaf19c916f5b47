import { expect, it } from 'vitest'
import { type Vote, Votes } from '../../../src/stream/clusters/votes.ts'
import type { Episode } from '../../../src/types.ts'

const same = (id: number): number | undefined => id
const vote = (index: number, cluster: number, distance = 1): Vote => ({
  ...{ cluster, window: `a/s/${index}`, time: index * 1000, end: index * 1000 + 1000 },
  ...{ distance, radius: 2, latent: Float32Array.of(index) },
})
/** Of the windows from `first` to `last`. */
const episode = (first: number, last: number, state: 'open' | 'closed' = 'open'): Episode => ({
  ...{ id: `a/s/${first}`, source: 'a', state, openedAt: first * 1000, lastAt: last * 1000 + 1000 },
  ...{ stream: 's', offset: first, windows: last - first + 1, peakScore: 2, meanScore: 2, threshold: 1 },
})

function voted(...clusters: number[]): Votes {
  const votes = new Votes(same)
  clusters.forEach((cluster, index) => {
    votes.add('a', vote(index, cluster, index === 2 ? 0.5 : 1))
  })
  return votes
}

it('most votes win, and the nearest window stands for them', () => {
  expect(voted(1, 2, 2).decide(episode(0, 2))).toEqual({ cluster: 2, windows: 2, nearest: vote(2, 2, 0.5) })
  expect(new Votes(same).decide(episode(0, 2))).toBeUndefined()
})

it('of equals the nearest wins', () => {
  expect(voted(1, 1, 2, 2).decide(episode(0, 3))?.cluster).toBe(2)
  expect(voted(2, 2, 1, 1).decide(episode(0, 3))?.cluster).toBe(1)
})

it('an episode has the votes from its first window to its last, whatever came before and after', () => {
  const votes = voted(1, 1, 1, 2, 2, 3, 3, 3)
  expect(votes.decide(episode(3, 3))).toMatchObject({ cluster: 2, windows: 1 })
  expect(votes.decide(episode(3, 4, 'closed'))).toMatchObject({ cluster: 2, windows: 2 })
  expect(votes.decide(episode(5, 7))).toMatchObject({ cluster: 3, windows: 3 })
  expect(votes.decide(episode(5, 7, 'closed'))).toMatchObject({ cluster: 3, windows: 3 })
  expect(votes.size).toBe(0)
})

it('an episode whose first window is forgotten has those since it opened', () => {
  const votes = new Votes(same)
  for (const index of [1, 2, 6, 7]) votes.add('a', vote(index, index < 5 ? 1 : 2))
  expect(votes.decide(episode(5, 7))).toMatchObject({ cluster: 2, windows: 2 })
})

it('votes go over to what their clusters were merged into, and are void when these are forgotten', () => {
  let now: (id: number) => number | undefined = same
  const votes = new Votes(id => now(id))
  for (const [index, cluster] of [1, 1, 2, 3].entries()) votes.add('a', vote(index, cluster))
  now = id => (id === 1 ? undefined : 3)
  expect(votes.decide(episode(0, 3))).toMatchObject({ cluster: 3, windows: 2 })
  now = () => undefined
  expect(votes.decide(episode(0, 3))).toBeUndefined()
})

it('an episode that goes on keeps the votes that it had, and no window votes twice', () => {
  const votes = new Votes(same)
  const cluster = { id: 7, key: 'k', distance: 0.25, radius: 2, episodes: 1, exemplars: ['b/s/0'] }
  votes.resume({ ...episode(0, 2), cluster })
  for (let index = 0; index < 5; index++) votes.add('a', vote(index, 8))
  expect(votes.decide(episode(0, 4))).toEqual({ cluster: 7, windows: 3, nearest: { distance: 0.25, radius: 2 } })
  for (let index = 5; index < 7; index++) votes.add('a', vote(index, 8))
  expect(votes.decide(episode(0, 6))).toMatchObject({ cluster: 8, windows: 4 })
  votes.resume(episode(9, 9))
  expect(votes.decide(episode(0, 6, 'closed'))).toMatchObject({ cluster: 8, windows: 4 })
})

it('what nobody asks for is bounded, and counts for the episode that is open', () => {
  const votes = voted(1, 1)
  votes.decide(episode(0, 0))
  for (let index = 2; index < 1000; index++) votes.add('a', vote(index, 1))
  expect(votes.decide(episode(0, 999))).toMatchObject({ windows: 1000 })
  const others = new Votes(same)
  for (let index = 0; index < 1000; index++) others.add('a', vote(index, 1))
  expect(others.decide(episode(0, 999))).toMatchObject({ windows: 256 })
})

it('a source that stays calm is forgotten, an open episode is not', () => {
  const votes = voted(1)
  votes.add('b', vote(0, 1))
  votes.decide(episode(0, 0))
  for (let i = 0; i < 4999; i++) for (const source of ['a', 'b', 'c']) votes.calm(source)
  expect(votes.size).toBe(2)
  for (const source of ['a', 'b', 'c']) votes.calm(source)
  expect(votes.size).toBe(1)
  expect(votes.decide(episode(0, 0, 'closed'))).toMatchObject({ cluster: 1, windows: 1 })
})
