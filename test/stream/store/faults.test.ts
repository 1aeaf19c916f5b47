import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Clock, systemClock } from '../../../src/clock.ts'
import { type Logger, silentLogger } from '../../../src/logger.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import { episodeEvent, sourceEvent, storedEvents } from '../../helpers/events.ts'
import { smallDisk } from '../../helpers/small-disk.ts'
import { until } from '../../helpers/until.ts'

let folder: string
let path: string
const running: EventStore[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'auscult-faults-'))
  path = join(folder, 'events.db')
})
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(running.splice(0).map(store => store.stop()))
  rmSync(folder, { recursive: true, force: true })
})

/** Impatient, so that a disk is tried again soon. */
const clock: Clock = { now: Date.now, sleep: (ms, signal) => systemClock.sleep(ms / 20, signal) }

function make(logger: Logger = silentLogger): EventStore {
  const store = new EventStore(storeSchema.parse({ path }), clock, logger)
  running.push(store)
  return store
}

async function started(logger?: Logger): Promise<EventStore> {
  const store = make(logger)
  await store.start()
  return store
}

async function filled(events = 300): Promise<void> {
  const store = await started()
  await store.append(Array.from({ length: events }, (_, i) => episodeEvent(i)))
  await store.stop()
}

describe('EventStore on a full disk', () => {
  it('acknowledges nothing, says so once, and goes on when there is room', { timeout: 60_000 }, async () => {
    const disk = smallDisk(600)
    // Where nothing may be mounted, files of this process may not grow beyond the size.
    const bound = (size: string) => spawnSync('prlimit', [`--pid=${process.pid}`, `--fsize=${size}:`])
    try {
      path = join(disk.folder, 'events.db')
      const error = vi.spyOn(silentLogger, 'error')
      const info = vi.spyOn(silentLogger, 'info')
      const store = await started(silentLogger)
      if (!disk.isReal) bound('600000')
      const large = { ...sourceEvent('clipping'), message: 'x'.repeat(5000) }
      const acknowledged: number[] = []
      let pending: Promise<unknown> | undefined
      for (let i = 0; i < 300 && store.status().ok; i++) {
        pending = store.append([large]).then(([seq]) => acknowledged.push(seq))
        await Promise.race([pending, until(() => !store.status().ok)])
      }
      expect(store.status()).toEqual({ ok: false, reason: expect.stringContaining('disk') })
      const before = acknowledged.length
      const waiting = Array.from({ length: 5 }, () => store.append([episodeEvent(1)]))
      await new Promise(resolve => setTimeout(resolve, 300))
      expect([acknowledged.length, store.last]).toEqual([before, before])
      expect(await store.after(0, 1000)).toHaveLength(before)
      expect(error).toHaveBeenCalledTimes(1)

      if (disk.isReal) disk.grow()
      else bound('unlimited')
      await pending
      expect((await Promise.all(waiting)).flat()).toEqual([2, 3, 4, 5, 6].map(more => before + more))
      await until(() => store.status().ok)
      expect(error).toHaveBeenCalledTimes(1)
      expect(info).toHaveBeenCalledWith(expect.objectContaining({ path }), expect.stringContaining('again'))
      expect((await storedEvents(path)).length).toBe(before + 6)
      await store.stop()
    } finally {
      bound('unlimited')
      disk.remove()
    }
  })
})

describe('EventStore whose file is taken away', () => {
  it('makes a new one, says so, and numbers on', async () => {
    const warn = vi.spyOn(silentLogger, 'warn')
    const store = await started(silentLogger)
    await store.append([episodeEvent(1), episodeEvent(2)])
    const { id } = store
    rmSync(path)
    rmSync(`${path}-wal`)
    expect(await store.append([episodeEvent(3)])).toEqual([3])
    expect([store.first, store.last, store.id === id]).toEqual([3, 3, false])
    expect(warn).toHaveBeenCalledTimes(1)
    expect((await storedEvents(path)).map(({ seq }) => seq)).toEqual([3])
  })

  it('waits while its folder is gone', async () => {
    const store = await started()
    await store.append([episodeEvent(1)])
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'a file in the way')
    const appended = store.append([episodeEvent(2)])
    await until(() => !store.status().ok)
    expect(store.status().reason).toContain('event store')
    rmSync(folder)
    expect(await appended).toEqual([2])
    await until(() => store.status().ok)
  })

  it('comes back by itself when its thread dies', async () => {
    const post = vi.spyOn(Worker.prototype, 'postMessage')
    const store = await started()
    await store.append([episodeEvent(1)])
    const { id } = store
    await (post.mock.contexts[0] as unknown as Worker).terminate()
    await until(() => store.status().ok && store.last === 1)
    expect(await store.append([episodeEvent(2)])).toEqual([2])
    expect([store.id, (await store.after(0, 10)).length]).toEqual([id, 2])
  })
})

describe('EventStore refuses', () => {
  const refusal = async () => {
    const before = existsSync(path) ? readFileSync(path) : undefined
    const error = await make()
      .start()
      .then(
        () => undefined,
        (error: unknown) => error,
      )
    if (before) expect(readFileSync(path).equals(before)).toBe(true)
    expect(error).toMatchObject({ code: 'AUSCULT_STORE', remedy: expect.any(String), at: path })
    return String(error)
  }

  it('events as JSON lines, and says what to do', async () => {
    writeFileSync(path, '{"type":"episode.opened","event_id":"mic/a/1/opened","episode":{}}\n')
    expect(await refusal()).toMatch(/JSON lines.*\n.*Set store\.path to a new file/)
  })

  it.each(['my notes\nof today\n', '{}', 'SQLite format 3\0'])('a file of something else: %j', async text => {
    writeFileSync(path, text)
    expect(await refusal()).toMatch(/something other than events|damaged/)
  })

  it('a database of another program', async () => {
    await filled(1)
    const bytes = readFileSync(path)
    bytes.writeUInt32BE(0, 68)
    writeFileSync(path, bytes)
    expect(await refusal()).toContain('another program')
  })

  it('a database of a later version', async () => {
    await filled(1)
    const bytes = readFileSync(path)
    bytes.writeUInt32BE(99, 60)
    writeFileSync(path, bytes)
    expect(await refusal()).toContain('later version of Auscult (format 99)')
  })

  it('a folder', async () => {
    path = folder
    const error = make().start()
    await expect(error).rejects.toMatchObject({ code: 'AUSCULT_STORE', message: expect.stringContaining('folder') })
  })

  it('a database that was cut off', async () => {
    await filled()
    for (const size of [60, 4096, 20_000]) {
      truncateSync(path, size)
      expect(await refusal()).toContain('damaged')
      rmSync(path)
      await filled()
    }
  })

  it('a database with garbage in it', async () => {
    await filled()
    const bytes = readFileSync(path)
    bytes.fill(0x5a, 100, 4096)
    writeFileSync(path, bytes)
    expect(await refusal()).toMatch(/damaged/)
  })

  it('a place where no file can be', async () => {
    path = '/proc/events.db'
    expect(await refusal()).toMatch(/no file can be opened or made there|cannot be used/)
  })

  it('a file that another store of this process has', async () => {
    const store = await started()
    const second = make()
    await expect(second.start()).rejects.toMatchObject({ message: 'another daemon uses this event store' })
    expect(await store.append([episodeEvent(1)])).toEqual([1])
  })
})
