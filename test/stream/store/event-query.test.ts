import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { clusterOf, EVENT_KINDS, kindOf, timeOf } from '../../../src/stream/event-facts.ts'
import { eventToJson, sourceOf } from '../../../src/stream/event-json.ts'
import type { AuditQuery, EventQuery } from '../../../src/stream/store/event-query.ts'
import { EventStore, type StoredEvent, storeSchema } from '../../../src/stream/store/event-store.ts'
import type { AuscultEvent, ClusterEvent, DecisionEvent, DriftEvent } from '../../../src/types.ts'
import { episodeEvent, sourceEvent } from '../../helpers/events.ts'

let store: EventStore
beforeAll(async () => {
  store = new EventStore(storeSchema.parse({}), systemClock, silentLogger)
  await store.start()
})
afterAll(() => store.stop())

const cluster = (id: number) => ({ id, key: 'k', distance: 1, radius: 2, episodes: 1, exemplars: [] })
const sources = fc.constantFrom('a', 'b', 'c')

const episode = fc
  .record({
    offset: fc.nat(4),
    source: sources,
    change: fc.constantFrom('opened' as const, 'updated' as const, 'closed' as const, 'muted' as const),
    openedAt: fc.nat(9),
    lastAt: fc.nat(9),
    peakScore: fc.nat(5),
    cluster: fc.option(fc.nat(2), { nil: undefined }),
  })
  .map(({ offset, source, change, cluster: id, ...rest }) => {
    const made = episodeEvent(offset, change, source)
    return { ...made, episode: { ...made.episode, ...rest, ...(id !== undefined && { cluster: cluster(id) }) } }
  })
const trouble = fc
  .record({ source: sources, time: fc.nat(9) })
  .map(({ source, time }) => sourceEvent('silence', source, time))
const birth = fc
  .record({ source: sources, time: fc.nat(9), cluster: fc.nat(2) })
  .map((rest): ClusterEvent => ({ type: 'cluster.born', eventId: 'born', window: 'w', ...rest }))
const drift = fc.record({ source: sources, time: fc.nat(9) }).map(
  (rest): DriftEvent => ({
    type: 'drift.began',
    eventId: 'd',
    kind: 'level',
    since: 0,
    before: 1,
    after: 2,
    psi: 0,
    ...rest,
  }),
)
const decision = fc
  .record({
    source: fc.constantFrom('', 'a', 'b'),
    time: fc.nat(9),
    action: fc.constantFrom('muted' as const, 'threshold.set' as const, 'false_alarm' as const),
    about: fc.option(fc.nat(4), { nil: undefined }),
    cluster: fc.option(fc.nat(2), { nil: undefined }),
  })
  .map(
    ({ about, cluster: id, ...rest }): DecisionEvent => ({
      ...{ type: 'decision', eventId: 'x', who: 'ada', before: null, after: null, ...rest },
      ...(about !== undefined && { episodeId: `a/a/${about}` }),
      ...(id !== undefined && { cluster: id }),
    }),
  )
const events: fc.Arbitrary<AuscultEvent[]> = fc.array(fc.oneof(episode, trouble, birth, drift, decision), {
  maxLength: 6,
})

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })
const paging = {
  limit: fc.integer({ min: 1, max: 20 }),
  before: some(fc.integer({ min: 1, max: 300 })),
  after: some(fc.nat(300)),
  since: some(fc.nat(9)),
  until: some(fc.nat(10)),
}
const query: fc.Arbitrary<EventQuery> = fc.record({
  ...paging,
  kinds: some(fc.uniqueArray(fc.constantFrom(...EVENT_KINDS), { minLength: 1 })),
  sources: some(fc.uniqueArray(fc.constantFrom('a', 'b', 'z'), { minLength: 1 })),
  cluster: some(fc.nat(3)),
  minScore: some(fc.nat(6)),
})
const auditQuery: fc.Arbitrary<AuditQuery> = fc.record({
  ...paging,
  source: some(fc.constantFrom('a', 'z')),
  action: some(fc.constantFrom('muted', 'threshold.set')),
})

const isWithin = (seq: number, time: number, { before, after, since, until }: EventQuery) =>
  (before === undefined || seq < before) &&
  (after === undefined || seq > after) &&
  (since === undefined || time >= since) &&
  (until === undefined || time < until)

function matches({ seq, event }: StoredEvent, wanted: EventQuery): boolean {
  const json = eventToJson(event)
  return (
    isWithin(seq, timeOf(json), wanted) &&
    (wanted.kinds?.includes(kindOf(event.type)) ?? true) &&
    (wanted.sources?.includes(sourceOf(event)) ?? true) &&
    (wanted.cluster === undefined || clusterOf(json) === wanted.cluster) &&
    (wanted.minScore === undefined || ('episode' in event && event.episode.peakScore >= wanted.minScore))
  )
}

const firstOf = (fitting: StoredEvent[], { after, limit }: EventQuery) =>
  (after === undefined ? fitting.toReversed() : fitting).slice(0, limit)

describe('a query for events', () => {
  const model: StoredEvent[] = []

  async function add(added: readonly AuscultEvent[]): Promise<void> {
    const numbers = await store.append(added)
    for (const [i, event] of added.entries()) model.push({ seq: numbers[i], event })
  }

  it('finds what a search through all of them would', async () => {
    await fc.assert(
      fc.asyncProperty(events, fc.array(query, { maxLength: 5 }), async (added, queries) => {
        await add(added)
        for (const wanted of queries) {
          const fitting = model.filter(each => matches(each, wanted))
          expect(await store.events(wanted)).toEqual(firstOf(fitting, wanted))
        }
      }),
      { numRuns: 150 },
    )
    expect(model.length).toBeGreaterThan(100)
  })

  it('finds decisions', async () => {
    const decisions = model.flatMap(({ seq, event }) => (event.type === 'decision' ? [{ seq, event }] : []))
    await fc.assert(
      fc.asyncProperty(auditQuery, async wanted => {
        const fitting = decisions.filter(
          ({ seq, event }) =>
            isWithin(seq, event.time, wanted) &&
            (wanted.source === undefined || event.source === wanted.source) &&
            (wanted.action === undefined || event.action === wanted.action),
        )
        expect(await store.audit(wanted)).toEqual(firstOf(fitting, wanted))
      }),
    )
    expect(decisions.length).toBeGreaterThan(20)
  })

  it('finds what became of an episode, and what was decided of it', async () => {
    const own = [episodeEvent(77, 'opened', 'e'), episodeEvent(77, 'acknowledged', 'e')]
    const said: DecisionEvent = {
      ...{ type: 'decision', eventId: 'y', action: 'false_alarm', time: 5, who: 'ada', source: '' },
      ...{ episodeId: 'e/a/77', before: null, after: null },
    }
    await add([own[0], episodeEvent(78, 'opened', 'e'), sourceEvent('silence', 'e'), own[1], said])
    const found = await store.events({ limit: 9, after: 0, episode: 'e/a/77' })
    expect(found.map(({ event }) => event)).toEqual([...own, said])
    expect(await store.events({ limit: 1, episode: 'e/a/77' })).toEqual([found[2]])
    expect(await store.events({ limit: 9, episode: 'e/a/77', kinds: ['decision'] })).toEqual([found[2]])
    expect(await store.events({ limit: 9, episode: 'nobody' })).toEqual([])
  })

  it('finds what is far away from the latest, over many blocks', { timeout: 30_000 }, async () => {
    const at = (time: number) => sourceEvent('clipping', 'far', time)
    for (let from = 0; from < 20_000; from += 2000) {
      await add(Array.from({ length: 2000 }, (_, i) => at(1e6 + 10 * (from + i))))
    }
    for (const wanted of [
      { limit: 5, since: 1e6, until: 1e6 + 30 },
      { limit: 1000, since: 1e6 + 99_990, until: 1e6 + 150_000, sources: ['far'] },
      { limit: 50, after: 300, minScore: 0 },
      { limit: 3000, before: 18_000, kinds: ['source' as const] },
      { limit: 9, since: 5e6 },
    ]) {
      const fitting = model.filter(each => matches(each, wanted))
      expect(await store.events(wanted)).toEqual(firstOf(fitting, wanted))
    }
  })
})
