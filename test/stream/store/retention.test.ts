import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../../src/logger.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import { episodeEvent, sourceEvent } from '../../helpers/events.ts'
import { until } from '../../helpers/until.ts'

const DAY = 86_400_000
let folder: string
let now = 0
const running: EventStore[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'auscult-retention-'))
  now = 1000 * DAY
})
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(running.splice(0).map(store => store.stop()))
  rmSync(folder, { recursive: true })
})

const path = () => join(folder, 'events.db')

async function started(options: object): Promise<EventStore> {
  const clock = { now: () => now, sleep: async () => {} }
  const store = new EventStore(storeSchema.parse({ path: path(), ...options }), clock, silentLogger)
  await store.start()
  running.push(store)
  return store
}

const large = { ...sourceEvent('clipping'), message: 'x'.repeat(1000) }

describe('retention', () => {
  it('by age deletes the oldest events, and their episodes unless they are open', async () => {
    const store = await started({ retention_days: 2 })
    await store.append([episodeEvent(1), episodeEvent(2), episodeEvent(2, 'closed')])
    now += DAY
    await store.append([episodeEvent(3), episodeEvent(3, 'closed')])
    now += DAY
    await store.trim()
    expect(store.first).toBe(1)
    now += 1
    await store.trim()
    expect([store.first, store.last]).toEqual([4, 5])
    expect((await store.after(0, 10)).map(({ seq }) => seq)).toEqual([4, 5])
    expect((await store.episodes({ limit: 10 })).map(({ offset }) => offset)).toEqual([3, 1])
  })

  it('never gives the number of a deleted event again, also after a restart', async () => {
    const first = await started({ retention_days: 1 })
    await first.append([episodeEvent(1), episodeEvent(1, 'closed')])
    now += 2 * DAY
    await first.trim()
    expect([first.first, first.last]).toEqual([3, 2])
    await first.stop()
    const second = await started({ retention_days: 1 })
    expect([second.first, second.last]).toEqual([3, 2])
    expect(await second.append([episodeEvent(2)])).toEqual([3])
  })

  it('by size bounds the file, without being asked and while events come', async () => {
    const store = await started({ max_mb: 1, retention_days: null })
    for (let i = 0; i < 60; i++) await store.append(Array.from({ length: 100 }, () => large))
    await until(() => statSync(path()).size < 1.3e6)
    expect(store.last).toBe(6000)
    expect(store.first).toBeGreaterThan(4500)
    const kept = await store.after(0, 10_000)
    expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, index) => store.first + index))
    expect(kept.length).toBeGreaterThan(200)
  })

  it('gives room back to the file system', async () => {
    const store = await started({ retention_days: 1 })
    for (let i = 0; i < 40; i++) await store.append(Array.from({ length: 100 }, () => large))
    now += 2 * DAY
    await store.trim()
    await store.stop()
    expect(statSync(path()).size).toBeLessThan(200_000)
  })

  it('does not hold up those who append', async () => {
    const store = await started({ retention_days: 1 })
    for (let i = 0; i < 40; i++) await store.append(Array.from({ length: 500 }, () => episodeEvent(i)))
    now += 2 * DAY
    const trimmed = store.trim()
    let appended = 0
    while (store.first < 20_000 && appended < 10_000) {
      await store.append([episodeEvent(0)])
      appended++
    }
    await trimmed
    expect(appended).toBeGreaterThan(10)
  })

  it('says so when a reader loses events by it, once', async () => {
    const warn = vi.spyOn(silentLogger, 'warn')
    const store = await started({ retention_days: 1 })
    await store.append([episodeEvent(1), episodeEvent(2)])
    await store.setCursor('kafka', 1)
    await store.setCursor('archive', 2)
    now += 2 * DAY
    await store.trim()
    await store.append([episodeEvent(3)])
    now += 2 * DAY
    await store.trim()
    const lost = warn.mock.calls.map(([details]) => details)
    expect(lost).toEqual([
      { reader: 'kafka', first: 3 },
      { reader: 'archive', first: 4 },
    ])
  })

  it('in memory keeps a bounded number too', async () => {
    const store = await started({ path: null, max_mb: 1 })
    for (let i = 0; i < 60; i++) await store.append(Array.from({ length: 100 }, () => large))
    await store.trim()
    expect(store.last - store.first).toBeLessThan(1100)
  })
})
