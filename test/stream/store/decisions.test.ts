import Database from 'libsql'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../src/logger.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import type { EpisodeEvent } from '../../../src/types.ts'
import { decisionEvent, episodeEvent, sourceEvent } from '../../helpers/events.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const { folder } = temporaryFolder()
const DAY = 86_400_000
const running: EventStore[] = []
let now = 1000 * DAY
let files = 0
afterEach(async () => {
  await Promise.all(running.splice(0).map(store => store.stop()))
})

async function started(options: object): Promise<EventStore> {
  const clock = { now: () => now, sleep: async () => {} }
  const store = new EventStore(storeSchema.parse(options), clock, silentLogger)
  await store.start()
  running.push(store)
  return store
}

const acknowledged = (event: EpisodeEvent): EpisodeEvent => ({
  type: 'episode.acknowledged',
  eventId: `${event.episode.id}/acknowledged`,
  episode: { ...event.episode, acknowledged: { who: 'ada', at: 9 } },
})

describe.each([
  ['on the disk', () => `${folder}/${files++}.db`],
  ['in memory', () => null],
])('the audit log %s', (_, newPath) => {
  it('outlives the events', async () => {
    const path = newPath()
    const store = await started({ path, retention_days: 1 })
    await store.append([decisionEvent(1), sourceEvent('silence'), decisionEvent(2, ''), episodeEvent(3)])
    now += 2 * DAY
    await store.trim()
    expect([store.first, store.last]).toEqual([5, 4])
    const log = [
      { seq: 3, event: decisionEvent(2, '') },
      { seq: 1, event: decisionEvent(1) },
    ]
    expect(await store.audit({ limit: 10 })).toEqual(log)
    if (path === null) return
    await store.stop()
    expect(await (await started({ path })).audit({ limit: 10 })).toEqual(log)
  })

  it('is read in pages, the latest decision first', async () => {
    const store = await started({ path: newPath() })
    for (let time = 1; time <= 7; time++) await store.append([decisionEvent(time), sourceEvent('clipping')])
    const seqs: number[] = []
    for (let before: number | undefined; ; before = seqs.at(-1)) {
      const page = await store.audit({ limit: 3, before })
      if (page.length === 0) break
      seqs.push(...page.map(({ seq }) => seq))
    }
    expect(seqs).toEqual([13, 11, 9, 7, 5, 3, 1])
  })
})

describe('an episode', () => {
  it('is found by its id, whatever is in it', async () => {
    const store = await started({ path: null })
    const odd = episodeEvent(1, 'opened', "o'hara/ü %2F ?")
    await store.append([episodeEvent(1), odd])
    expect(await store.episode(odd.episode.id)).toEqual({ ...odd.episode, seq: 2 })
    expect(await store.episode('nobody/a/1')).toBeUndefined()
  })

  it('that is acknowledged after its close keeps its place, and stays as long as that event', async () => {
    const store = await started({ path: null, retention_days: 1 })
    const closed = episodeEvent(1, 'closed')
    await store.append([episodeEvent(1), closed, episodeEvent(2), episodeEvent(2, 'closed')])
    now += DAY
    await store.append([acknowledged(closed)])
    const ids = async (query: object) => (await store.episodes({ limit: 9, ...query })).map(({ seq, id }) => [seq, id])
    expect(await ids({})).toEqual([
      [3, 'mic/a/2'],
      [1, 'mic/a/1'],
    ])
    expect(await ids({ acknowledged: true })).toEqual([[1, 'mic/a/1']])
    now += 1000
    await store.trim()
    expect(store.first).toBe(5)
    expect(await store.episode('mic/a/1')).toMatchObject({ seq: 1, state: 'closed', acknowledged: { who: 'ada' } })
    expect(await store.episode('mic/a/2')).toBeUndefined()
    now += DAY
    await store.trim()
    expect(await ids({})).toEqual([])
  })
})

describe('state', () => {
  it('is found by the beginning of its key, and removed', async () => {
    const store = await started({ path: null })
    const given = { 'baseline/b': 2, 'baseline/a': { x: [1] }, 'baseline/ü%_': null, baseline: 3, 'clusters/a': 4 }
    await store.append([], given)
    expect([...(await store.states('baseline/'))]).toEqual([
      ['baseline/a', { x: [1] }],
      ['baseline/b', 2],
      ['baseline/ü%_', null],
    ])
    await store.putState('baseline/a', undefined)
    await store.append([episodeEvent(1)], { 'baseline/b': undefined, 'baseline/c': 5 })
    expect([...(await store.states('baseline/')).keys()]).toEqual(['baseline/c', 'baseline/ü%_'])
    expect(await store.state('baseline/a')).toBeUndefined()
    expect((await store.states('')).size).toBe(4)
    expect((await store.states('nothing')).size).toBe(0)
  })

  it('that somebody edited is refused by name', async () => {
    const path = `${folder}/edited.db`
    const store = await started({ path })
    await store.append([], { 'baseline/a': 1, clusters: 2 })
    await store.stop()
    const connection = new Database(path)
    connection.exec(`UPDATE state SET json = '{"cut' WHERE key = 'baseline/a'`)
    connection.close()
    const again = await started({ path })
    const refusal = { code: 'AUSCULT_STATE', at: `${path}: baseline/a`, remedy: expect.stringContaining('DELETE') }
    await expect(again.state('baseline/a')).rejects.toMatchObject(refusal)
    await expect(again.states('base')).rejects.toMatchObject(refusal)
    expect(await again.state('clusters')).toBe(2)
  })
})
