import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import { openDatabase } from '../../../src/stream/store/open.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'auscult-open-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('openDatabase', () => {
  it.each(['made', 'opened again'])('syncs every commit, alone, when it is %s', async how => {
    const path = join(folder, 'new/folder/events.db')
    if (how === 'opened again') {
      const store = new EventStore(storeSchema.parse({ path }), systemClock, silentLogger)
      await store.start()
      await store.stop()
    }
    const connection = openDatabase(path)
    const names = ['journal_mode', 'synchronous', 'fullfsync', 'locking_mode', 'auto_vacuum', 'journal_size_limit']
    const values = names.map(name => (connection.prepare(`PRAGMA ${name}`).get() as Record<string, unknown>)[name])
    // 2 is FULL, and INCREMENTAL.
    expect(values).toEqual(['wal', 2, 1, 'exclusive', 2, 4_194_304])
    connection.close()
  })

  it('keeps its log short', () => {
    const path = join(folder, 'events.db')
    const connection = openDatabase(path)
    const insert = connection.prepare('INSERT INTO state VALUES (?, ?)')
    const read = connection.prepare('SELECT count(*) AS n FROM state')
    for (let i = 0; i < 200; i++) {
      insert.run(`${i}`, `"${'x'.repeat(80_000)}"`)
      read.get()
    }
    expect(statSync(`${path}-wal`).size).toBeLessThan(6e6)
    connection.close()
  })
})
