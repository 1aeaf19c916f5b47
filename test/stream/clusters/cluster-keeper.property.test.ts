import fc from 'fast-check'
import { expect, it } from 'vitest'
import { clustersSchema } from '../../../src/model/clusters/config.ts'
import { restoreClusterer } from '../../../src/model/clusters/create.ts'
import { Disk, Line, type LineOptions } from './line.ts'

const PLACES = [
  [0, 0],
  [10, 0],
  [60, 0],
  [66, 3],
  [-80, 40],
  [300, 300],
] as const

type Step =
  | { readonly do: 'see'; readonly source: string; readonly place: number; readonly anomalous: boolean }
  | { readonly do: 'nan'; readonly source: string }
  | { readonly do: 'flush' | 'stop' | 'kill' }

const source = fc.constantFrom('a', 'b')
const see = fc.record({
  do: fc.constant('see' as const),
  source,
  place: fc.nat(PLACES.length - 1),
  anomalous: fc.boolean(),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: see },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('nan' as const), source }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('flush' as const, 'stop' as const, 'kill' as const) }) },
)
/** Windows of one kind come in a row, or there would be no episodes. */
const steps = fc
  .array(fc.tuple(step, fc.integer({ min: 1, max: 5 })), { maxLength: 40 })
  .map(runs => runs.flatMap(([each, times]) => Array<Step>(each.do === 'see' ? times : 1).fill(each)))

/** Plays steps, and checks after each flush that no id comes back as another cluster. */
async function play(all: readonly Step[], options: LineOptions) {
  const disk = new Disk()
  const beginnings = new Map<number, string | undefined>()
  const closed = new Set<string>()
  let line = await Line.started({ ...options, disk })
  let learnt = 0
  let place = 0
  const flush = async () => {
    for (const event of await line.flush()) {
      if (event.type === 'episode.closed' && event.episode.cluster) closed.add(event.episode.id)
    }
    for (const { id, born } of line.keeper.list({ limit: 1000 })) {
      if (beginnings.has(id)) expect([id, born]).toEqual([id, beginnings.get(id)])
      beginnings.set(id, born)
    }
  }
  await flush()
  for (const each of all) {
    if (each.do === 'see') {
      line.see(each.source, PLACES[each.place], each.anomalous, place++)
      learnt++
    } else if (each.do === 'nan') {
      line.see(each.source, [Number.NaN, 1], true, place++)
    } else {
      await flush()
      if (each.do === 'flush') continue
      await line[each.do]()
      line = await Line.started({ ...options, disk })
      expect(line.keeper.updates).toBeLessThanOrEqual(learnt)
      learnt = line.keeper.updates
    }
  }
  for (const source of ['a', 'b']) line.end(source)
  await flush()
  const listed = line.keeper.list({ limit: 1000 })
  await line.stop()
  const { clusterer } = JSON.parse(disk.states.get(`clusters/${line.keeper.key}`)!)
  return { learnt, closed, listed, clusters: restoreClusterer(clusterer).clusters() }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

it.each([
  ['kmeans', { method: 'kmeans', k: 2, merge: 0.9, birth_spread: 0 }],
  ['gmm', { method: 'gmm', k: 2 }],
  ['denstream', { method: 'denstream', epsilon: 2, mu: 3, beta: 0.5, lambda: 0.0001 }],
])('%s: windows, episodes and ids add up through any history', async (_, raw) => {
  const config = clustersSchema.parse(raw)
  await fc.assert(
    fc.asyncProperty(steps, async all => {
      const { learnt, closed, listed, clusters } = await play(all, { config })
      expect(sum(clusters.map(({ count }) => count))).toBe(learnt)
      expect(sum(listed.map(({ episodes }) => episodes))).toBe(closed.size)
    }),
    { numRuns: 40 },
  )
})

it('ids come back as no other cluster where there is too little room for all', async () => {
  const config = clustersSchema.parse({ method: 'kmeans', k: 2, max_clusters: 4, birth_spread: 0 })
  await fc.assert(
    fc.asyncProperty(steps, async all => {
      await play(all, { config })
    }),
    { numRuns: 40 },
  )
})
