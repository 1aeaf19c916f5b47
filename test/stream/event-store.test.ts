import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import { silentLogger } from '../../src/logger.ts'
import { eventToJson } from '../../src/stream/event-json.ts'
import { EventLog } from '../../src/stream/event-log.ts'
import { EventStore, storeSchema } from '../../src/stream/event-store.ts'
import type { EpisodeChange, EpisodeEvent } from '../../src/types.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'auscult-store-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

const path = () => join(folder, 'events.jsonl')
const lines = () => readFileSync(path(), 'utf8').split('\n').filter(Boolean)

function event(id: number, change: EpisodeChange = 'opened'): EpisodeEvent {
  const closed = change === 'closed' ? { closedAt: 3, closeReason: 'recovered' as const } : {}
  return {
    type: `episode.${change}`,
    eventId: `mic/a/${id}/${change}`,
    episode: {
      id: `mic/a/${id}`,
      source: 'mic',
      state: change === 'closed' ? 'closed' : 'open',
      openedAt: id,
      lastAt: 3,
      ...closed,
      stream: 'a',
      offset: id,
      windows: 2,
      peakScore: 2,
      meanScore: 2,
      threshold: 1,
    },
  }
}

const make = (options: object = { path: path() }, clock: Clock = systemClock) =>
  new EventStore(storeSchema.parse(options), clock, silentLogger)

async function started(options?: object, clock?: Clock): Promise<EventStore> {
  const store = make(options, clock)
  await store.start()
  return store
}

describe('EventStore', () => {
  it('has the events on the disk when append resolves', async () => {
    const store = await started()
    await store.append([event(1), event(2)])
    expect(lines().map(line => JSON.parse(line).event_id)).toEqual(['mic/a/1/opened', 'mic/a/2/opened'])
    await store.stop()
  })

  it('writes appends that wait together with one sync', async () => {
    const append = vi.spyOn(EventLog.prototype, 'append')
    const store = await started()
    await Promise.all(Array.from({ length: 50 }, (_, i) => store.append([event(i)])))
    expect(lines()).toHaveLength(50)
    expect(append.mock.calls.length).toBeLessThanOrEqual(3)
    await store.stop()
  })

  it('keeps the order of appends', async () => {
    const store = await started()
    const sizes = Array.from({ length: 30 }, (_, i) => i)
    await Promise.all(
      sizes.map(async i => {
        await new Promise(resolve => setTimeout(resolve, i / 4))
        await store.append([event(i)])
      }),
    )
    expect(lines().map(line => JSON.parse(line).episode.offset)).toEqual(sizes)
    await store.stop()
  })

  it('remembers episodes across a restart, latest state, newest first', async () => {
    const first = await started()
    await first.append([event(1), event(1, 'closed'), event(2), event(2, 'closed')])
    await first.stop()
    const second = await started()
    expect(second.recent(10).map(({ id, state }) => [id, state])).toEqual([
      ['mic/a/2', 'closed'],
      ['mic/a/1', 'closed'],
    ])
    expect(second.recent(1)).toHaveLength(1)
    await second.stop()
  })

  it('closes episodes that a crash left open as interrupted', async () => {
    const first = await started()
    await first.append([event(1)])
    await first.stop()
    const second = await started()
    expect(second.recent(1)[0]).toMatchObject({ state: 'closed', closeReason: 'interrupted', closedAt: 3 })
    expect(JSON.parse(lines()[1])).toMatchObject({ type: 'episode.closed', event_id: 'mic/a/1/interrupted' })
    await second.stop()
  })

  it('removes a torn last line and goes on after it', async () => {
    const first = await started()
    await first.append([event(1), event(1, 'closed')])
    await first.stop()
    appendFileSync(path(), '{"type":"episode.opened","event_id":"mic/a/2')
    const second = await started()
    await second.append([event(3)])
    await second.stop()
    expect(lines().map(line => JSON.parse(line).event_id)).toEqual([
      'mic/a/1/opened',
      'mic/a/1/closed',
      'mic/a/3/opened',
    ])
  })

  it('repairs a file that holds nothing but a torn line', async () => {
    writeFileSync(path(), '{"type":"epis')
    const store = await started()
    expect(readFileSync(path(), 'utf8')).toBe('')
    await store.stop()
  })

  it.each(['my notes\nof today\n', 'my notes'])('refuses a file of something else and leaves it: %j', async text => {
    writeFileSync(path(), text)
    await expect(started()).rejects.toMatchObject({ code: 'AUSCULT_STORE', at: path() })
    expect(readFileSync(path(), 'utf8')).toBe(text)
  })

  it('reads only the end of a long file', async () => {
    const line = JSON.stringify({ ...eventToJson(event(1, 'closed')), filler: 'y'.repeat(1000) })
    writeFileSync(path(), `${line}\n`.repeat(6000))
    const store = await started()
    await store.append([event(1)])
    await store.stop()
    expect(lines()).toHaveLength(6001)
  })

  it('names the place and the remedy when it cannot be opened', async () => {
    mkdirSync(path())
    const remedy = expect.stringContaining('store.path')
    await expect(started()).rejects.toMatchObject({ code: 'AUSCULT_STORE', at: path(), remedy })
  })

  it('waits for a disk that fails, leaves nothing half-written, and says so meanwhile', async () => {
    const sleeps: number[] = []
    const store = await started(undefined, {
      now: Date.now,
      sleep: async ms => {
        sleeps.push(ms)
        expect(store.status()).toEqual({ ok: false, reason: 'no space left' })
      },
    })
    const append = vi.spyOn(EventLog.prototype, 'append')
    append.mockRejectedValueOnce(new Error('no space left')).mockRejectedValueOnce(new Error('no space left'))
    await store.append([event(1)])
    expect(sleeps).toEqual([1000, 1000])
    expect(lines()).toHaveLength(1)
    expect(store.status().ok).toBe(true)
    await store.stop()
  })

  it('rejects what it could not write when it stops', async () => {
    const store = await started()
    vi.spyOn(EventLog.prototype, 'append').mockRejectedValue(new Error('no space left'))
    const lost = expect(store.append([event(1)])).rejects.toMatchObject({ code: 'AUSCULT_STORE' })
    await store.stop()
    await lost
    await expect(store.append([event(2)])).rejects.toMatchObject({ code: 'AUSCULT_STORE' })
  })

  it('keeps a bounded number in memory without a path', async () => {
    const store = await started({ path: null, recent: 3 })
    for (let i = 0; i < 10; i++) await store.append([event(i)])
    expect(store.recent(100).map(episode => episode.offset)).toEqual([9, 8, 7])
    expect(existsSync(path())).toBe(false)
    await store.stop()
  })
})
