import { expect, it } from 'vitest'
import type { Clusterer, Update } from '../../../src/model/clusters/clusterer.ts'
import { Exemplars } from '../../../src/model/clusters/exemplars.ts'
import { Births } from '../../../src/stream/clusters/births.ts'
import { follow } from '../../../src/stream/clusters/changes.ts'
import { EpisodeHistory } from '../../../src/stream/clusters/history.ts'
import type { Knowledge } from '../../../src/stream/clusters/knowledge.ts'
import type { Score } from '../../../src/types.ts'
import { episodeEvent } from '../../helpers/events.ts'

const LATENT = Float32Array.of(1)
const know = (): Knowledge => ({
  clusterer: undefined as unknown as Clusterer,
  ...{ births: new Births(), history: new EpisodeHistory(), exemplars: new Exemplars() },
})
const update = (changes: Partial<Update>): Update => ({
  ...{ id: 1, distance: 1, radius: 2, within: true, isNew: false, merged: [], split: [], forgotten: [] },
  ...changes,
})
const score = (id: string, anomalous = false): Score => ({
  ...{ source: 'a', id, index: 0, stream: 's', offset: 0, time: 5, duration: 1, score: 1, threshold: 1 },
  ...{ anomalous, late: false, latent: LATENT },
})
const labelOf = (id: number) => (id === 1 ? 'hum' : undefined)

function told(known: Knowledge, changes: Partial<Update>, anomalous = false, window = 'w') {
  const { events, any } = follow(update(changes), score(window, anomalous), known, labelOf)
  const ids = events.map(({ eventId }) => eventId)
  expect(new Set(ids).size).toBe(ids.length)
  return {
    any,
    events: events.map(({ eventId, cluster, into, label }) =>
      [eventId, cluster, into, label].filter(each => each !== undefined),
    ),
  }
}

it('a part of a known cluster that goes its own way is told of, and known', () => {
  const known = know()
  expect(
    told(known, {
      split: [
        { from: 1, into: 4 },
        { from: 2, into: 5 },
      ],
    }),
  ).toEqual({
    any: true,
    events: [
      ['w/cluster.split/4', 1, 4, 'hum'],
      ['w/cluster.split/5', 2, 5],
    ],
  })
  expect([known.births.windowOf(4), known.births.isKnown(5)]).toEqual(['w', true])
})

it('a part of a cluster that nobody knows is as unknown', () => {
  const known = know()
  known.births.begin(4, 'v')
  expect(told(known, { split: [{ from: 4, into: 5 }] })).toEqual({ any: true, events: [] })
  expect(known.births.isKnown(5)).toBe(false)
  expect(told(known, { id: 5 }, true, 'x')).toEqual({ any: true, events: [['x/cluster.born', 5]] })
})

it('clusters that go without having been known are not told of', () => {
  const known = know()
  known.births.begin(4, 'v')
  known.births.begin(5, 'v')
  expect(told(known, { forgotten: [4], merged: [{ from: 5, into: 1 }] })).toEqual({ any: true, events: [] })
  expect([known.births.windowOf(4), known.births.windowOf(5)]).toEqual([undefined, undefined])
})

it('clusters that go take their episodes and exemplars along, or leave them to whom they join', () => {
  const known = know()
  for (const id of [2, 3]) {
    known.history.count(id, episodeEvent(id, 'closed', `s${id}`).episode)
    known.exemplars.offer(id, { window: `w${id}`, time: 0, distance: 0 }, LATENT)
  }
  expect(told(known, { merged: [{ from: 2, into: 1 }], forgotten: [3] })).toEqual({
    any: true,
    events: [
      ['w/cluster.forgotten/3', 3],
      ['w/cluster.merged/2', 2, 1],
    ],
  })
  expect([known.history.of(1).episodes, known.history.of(3).episodes, known.exemplars.ids()]).toEqual([1, 0, [1]])
})

it('a known cluster that joins an unknown one makes it known', () => {
  const known = know()
  known.births.begin(4, 'v')
  expect(told(known, { id: 4, merged: [{ from: 2, into: 4 }] }).events).toEqual([
    ['w/cluster.born', 4],
    ['w/cluster.merged/2', 2, 4],
  ])
  known.births.begin(6, 'v')
  expect(told(known, { id: 1, merged: [{ from: 4, into: 6 }] }).events).toEqual([
    ['w/cluster.born/6', 6],
    ['w/cluster.merged/4', 4, 6],
  ])
})

it('two unknown clusters that join have had the windows of both', () => {
  const known = know()
  for (const id of [4, 5]) {
    expect(told(known, { id, isNew: true }).events).toEqual([])
    expect(told(known, { id }).events).toEqual([])
  }
  expect(told(known, { id: 4, merged: [{ from: 5, into: 4 }] }, false, 'x').events).toEqual([['x/cluster.born', 4]])
})

it('what is new and gone with the same window leaves nothing behind', () => {
  const known = know()
  expect(told(known, { split: [{ from: 1, into: 4 }], forgotten: [4] }).events).toHaveLength(2)
  expect(known.births.windowOf(4)).toBeUndefined()
})

it('most windows change nothing', () => {
  const known = know()
  expect(told(known, {}, true)).toEqual({ any: false, events: [] })
})
