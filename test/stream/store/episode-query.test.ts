import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import type { EpisodeQuery } from '../../../src/stream/store/episode-query.ts'
import { EventStore, type StoredEpisode, storeSchema } from '../../../src/stream/store/event-store.ts'
import { openDatabase } from '../../../src/stream/store/open.ts'
import { episodesSql } from '../../../src/stream/store/search.ts'
import type { Episode, EpisodeEvent } from '../../../src/types.ts'
import { episodeEvent } from '../../helpers/events.ts'

let store: EventStore
beforeAll(async () => {
  store = new EventStore(storeSchema.parse({}), systemClock, silentLogger)
  await store.start()
})
afterAll(() => store.stop())

const cluster = (id: number) => ({ id, key: 'k', distance: 1, radius: 2, episodes: 1, exemplars: [] })
const mute = { id: 'mute/1', reason: 'mute' as const }

/** An episode of few possible values, so that filters meet. */
const event = fc
  .record({
    offset: fc.nat(8),
    source: fc.constantFrom('a', 'b'),
    change: fc.constantFrom('opened' as const, 'updated' as const, 'closed' as const),
    openedAt: fc.nat(5),
    peakScore: fc.nat(5).map(tenths => tenths / 2),
    cluster: fc.option(fc.nat(2), { nil: undefined }),
    muted: fc.boolean(),
    acknowledged: fc.boolean(),
  })
  .map(({ offset, source, change, cluster: id, muted, acknowledged, ...rest }): EpisodeEvent => {
    const made = episodeEvent(offset, change, source)
    const episode: Episode = {
      ...{ ...made.episode, ...rest },
      ...(id !== undefined && { cluster: cluster(id) }),
      ...(muted && { muted: mute }),
      ...(acknowledged && { acknowledged: { who: 'ada', at: 1 } }),
    }
    return { ...made, episode }
  })

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 })
const query: fc.Arbitrary<EpisodeQuery> = fc.record({
  limit: fc.integer({ min: 1, max: 20 }),
  before: some(fc.integer({ min: 1, max: 60 })),
  after: some(fc.nat(60)),
  source: some(fc.constantFrom('a', 'b', 'c')),
  state: some(fc.constantFrom('open' as const, 'closed' as const)),
  cluster: some(fc.nat(3)),
  muted: some(fc.boolean()),
  acknowledged: some(fc.boolean()),
  since: some(fc.nat(6)),
  until: some(fc.nat(6)),
  minScore: some(fc.constantFrom(0, 0.5, 1.75, 9)),
})

const matches = (episode: StoredEpisode, wanted: EpisodeQuery): boolean =>
  (wanted.before === undefined || episode.seq < wanted.before) &&
  (wanted.after === undefined || episode.seq > wanted.after) &&
  (wanted.source === undefined || episode.source === wanted.source) &&
  (wanted.state === undefined || episode.state === wanted.state) &&
  (wanted.cluster === undefined || episode.cluster?.id === wanted.cluster) &&
  (wanted.muted === undefined || (episode.muted !== undefined) === wanted.muted) &&
  (wanted.acknowledged === undefined || (episode.acknowledged !== undefined) === wanted.acknowledged) &&
  (wanted.since === undefined || episode.openedAt >= wanted.since) &&
  (wanted.until === undefined || episode.openedAt < wanted.until) &&
  (wanted.minScore === undefined || episode.peakScore >= wanted.minScore)

describe('a query for episodes', () => {
  it('finds what a search through all of them would', async () => {
    const model = new Map<string, StoredEpisode>()
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 5 }),
        fc.array(query, { minLength: 1, maxLength: 6 }),
        async (events, queries) => {
          const numbers = await store.append(events)
          for (const [index, { type, episode }] of events.entries()) {
            const opened = type === 'episode.opened' ? undefined : model.get(episode.id)?.seq
            model.set(episode.id, { ...episode, seq: opened ?? numbers[index] })
          }
          const all = [...model.values()].sort((a, b) => b.seq - a.seq)
          for (const wanted of queries) {
            const fitting = all.filter(episode => matches(episode, wanted))
            if (wanted.after !== undefined) fitting.reverse()
            expect(await store.episodes(wanted)).toEqual(fitting.slice(0, wanted.limit))
          }
        },
      ),
      { numRuns: 150 },
    )
    expect(model.size).toBeGreaterThan(10)
  })

  it.each([
    [{ cluster: 3 }, 'INDEX episodes_by_cluster'],
    [{ muted: false, acknowledged: false }, 'COVERING INDEX episodes_in_short'],
    [{ source: 'a', state: 'closed' as const, since: 5 }, 'INDEX episodes_by_source'],
    [{ minScore: 2, after: 7 }, 'COVERING INDEX episodes_in_short'],
  ])('goes by an index: %o', (wanted, index) => {
    const { sql, values } = episodesSql({ limit: 10, ...wanted })
    const connection = openDatabase(null)
    const plan = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values, 1, 2, 3) as { detail: string }[]
    connection.close()
    expect(plan.map(({ detail }) => detail).join('\n')).toContain(index)
  })
})
