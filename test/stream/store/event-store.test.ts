import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import { episodeEvent, sourceEvent } from '../../helpers/events.ts'

let folder: string
const running: EventStore[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'auscult-store-'))
})
afterEach(async () => {
  await Promise.all(running.splice(0).map(store => store.stop()))
  rmSync(folder, { recursive: true })
})

const path = () => join(folder, 'state/events.db')

async function started(options: object = { path: path() }, clock: Clock = systemClock): Promise<EventStore> {
  const store = new EventStore(storeSchema.parse(options), clock, silentLogger)
  await store.start()
  running.push(store)
  return store
}

const restarted = async (store: EventStore): Promise<EventStore> => {
  await store.stop()
  return started()
}

describe.each([
  ['on the disk', () => ({ path: path() })],
  ['in memory', () => ({ path: null })],
])('EventStore %s', (_, options) => {
  it('numbers events from 1 and gives them back', async () => {
    const store = await started(options())
    expect([store.first, store.last]).toEqual([1, 0])
    const events = [episodeEvent(1), sourceEvent('silence'), episodeEvent(1, 'closed'), sourceEvent(undefined)]
    expect(await store.append(events.slice(0, 1))).toEqual([1])
    expect(await store.append(events.slice(1))).toEqual([2, 3, 4])
    expect([store.first, store.last]).toEqual([1, 4])
    expect(await store.after(0, 10)).toEqual(events.map((event, index) => ({ seq: index + 1, event })))
    expect((await store.after(1, 2)).map(({ seq }) => seq)).toEqual([2, 3])
    expect(await store.after(4, 10)).toEqual([])
  })

  it('gives numbers in the order of calls, whatever the size', async () => {
    const store = await started(options())
    const calls = Array.from({ length: 60 }, (_, i) =>
      store.append(Array.from({ length: i % 4 }, () => episodeEvent(i))),
    )
    const numbers = (await Promise.all(calls)).flat()
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    const offsets = (await store.after(0, 1000)).map(({ event }) => ('episode' in event ? event.episode.offset : -1))
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b))
  })

  it('pages through the events of some sources only', async () => {
    const store = await started(options())
    await store.append(Array.from({ length: 30 }, (_, i) => episodeEvent(i, 'opened', ['a', 'b', 'c'][i % 3])))
    const seqs = async (after: number, limit: number, ...sources: string[]) =>
      (await store.after(after, limit, { sources })).map(({ seq }) => seq)
    expect(await seqs(0, 4, 'b')).toEqual([2, 5, 8, 11])
    expect(await seqs(11, 3, 'b', 'c')).toEqual([12, 14, 15])
    expect(await seqs(0, 3, 'nobody')).toEqual([])
  })

  it('keeps the latest state of episodes, those opened last first', async () => {
    const store = await started(options())
    await store.append([episodeEvent(1, 'opened', 'a'), episodeEvent(2, 'opened', 'b'), episodeEvent(3, 'opened', 'a')])
    await store.append([episodeEvent(1, 'closed', 'a')])
    const list = async (query: object) =>
      (await store.episodes({ limit: 10, ...query })).map(({ seq, offset, state }) => [seq, offset, state])
    expect(await list({})).toEqual([
      [3, 3, 'open'],
      [2, 2, 'open'],
      [1, 1, 'closed'],
    ])
    expect(await list({ limit: 1, before: 3 })).toEqual([[2, 2, 'open']])
    expect(await list({ source: 'a' })).toEqual([
      [3, 3, 'open'],
      [1, 1, 'closed'],
    ])
    expect(await list({ source: 'a', state: 'open', before: 4 })).toEqual([[3, 3, 'open']])
    await store.append([episodeEvent(1, 'opened', 'a')])
    expect((await list({ limit: 1 }))[0]).toEqual([5, 1, 'open'])
  })

  it('keeps cursors and state', async () => {
    const store = await started(options())
    expect([await store.cursor('kafka'), await store.state('labels')]).toEqual([undefined, undefined])
    await store.setCursor('kafka', 7)
    await store.setCursor('kafka', 9)
    await store.putState('labels', { a: [1, 'two\nlines'] })
    expect(await store.append([episodeEvent(1)], { clusters: 3 })).toEqual([1])
    expect([await store.cursor('kafka'), await store.state('labels'), await store.state('clusters')]).toEqual([
      9,
      { a: [1, 'two\nlines'] },
      3,
    ])
  })
})

describe('EventStore', () => {
  it('remembers all of it across a restart, and numbers on', async () => {
    const first = await started()
    await first.append([episodeEvent(1), episodeEvent(2), episodeEvent(2, 'closed')], { clusters: [1] })
    await first.setCursor('kafka', 2)
    const { id } = first
    const second = await restarted(first)
    expect([second.first, second.last, second.id]).toEqual([1, 3, id])
    expect(second.leftOpen()).toEqual([expect.objectContaining({ id: 'mic/a/1', state: 'open' })])
    expect([await second.cursor('kafka'), await second.state('clusters')]).toEqual([2, [1]])
    expect(await second.append([episodeEvent(3)])).toEqual([4])
  })

  it('rejects what comes when it does not run', async () => {
    const store = new EventStore(storeSchema.parse({}), systemClock, silentLogger)
    await expect(store.after(0, 1)).rejects.toMatchObject({ code: 'AUSCULT_STORE' })
    expect(store.status()).toEqual({ ok: false, reason: 'not started' })
    await store.start()
    expect(store.status()).toEqual({ ok: true, reason: 'in memory' })
    await store.stop()
    await expect(store.append([episodeEvent(1)])).rejects.toMatchObject({ code: 'AUSCULT_STORE' })
    await expect(store.episodes({ limit: 1 })).rejects.toMatchObject({ code: 'AUSCULT_STORE' })
  })

  it('has on the disk what was appended before it was stopped', async () => {
    const store = await started()
    const appended = Promise.all(Array.from({ length: 20 }, (_, i) => store.append([episodeEvent(i)])))
    const again = await restarted(store)
    expect((await appended).flat()).toHaveLength(20)
    expect(again.last).toBe(20)
  })
})
