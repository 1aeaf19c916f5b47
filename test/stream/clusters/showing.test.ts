import { expect, it } from 'vitest'
import type { Update } from '../../../src/model/clusters/clusterer.ts'
import { Exemplars } from '../../../src/model/clusters/exemplars.ts'
import { Showing } from '../../../src/stream/clusters/showing.ts'
import type { Score } from '../../../src/types.ts'

const score = (source: string, i: number) =>
  ({ source, id: `${source}/${i}`, time: i, latent: Float32Array.of(i) }) as Score
const update = (id: number, distance: number) => ({ id, distance }) as Update

function shown() {
  const exemplars = new Exemplars()
  const showing = new Showing(exemplars)
  const see = (source: string, i: number, distance: number, id = 1) =>
    showing.anomalous(score(source, i), update(id, distance))
  const windows = (id = 1) => exemplars.central(id).map(({ window }) => window)
  return { showing, see, windows }
}

it('a run shows its most typical window of each cluster', () => {
  const { see, windows } = shown()
  expect([see('a', 0, 5), see('a', 1, 7), see('a', 2, 3), see('a', 3, 3), see('a', 4, 9, 2)]).toEqual([
    true,
    false,
    true,
    false,
    true,
  ])
  expect([windows(), windows(2)]).toEqual([['a/2'], ['a/4']])
})

it('every run and every source shows one', () => {
  const { showing, see, windows } = shown()
  see('a', 0, 5)
  showing.normal('a')
  showing.normal('a')
  see('a', 1, 6)
  expect(windows()).toEqual(['a/0'])
  for (let i = 0; i < 3; i++) showing.normal('a')
  see('a', 2, 6)
  see('b', 3, 7)
  expect(windows()).toEqual(['a/0', 'a/2', 'b/3'])
})

it('a run of a hundred clusters is bounded', () => {
  const { see, windows } = shown()
  for (let id = 1; id <= 100; id++) see('a', id, 1, id)
  expect(see('a', 200, 1, 1)).toBe(true)
  expect(windows()).toEqual(['a/1', 'a/200'])
})
