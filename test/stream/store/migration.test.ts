import { execFileSync } from 'node:child_process'
import Database from 'libsql'
import { expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { episodeToJson } from '../../../src/stream/episode-json.ts'
import { eventToJson } from '../../../src/stream/event-json.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import { APPLICATION_ID, MIGRATIONS } from '../../../src/stream/store/schema.ts'
import { decisionEvent, episodeEvent } from '../../helpers/events.ts'
import { PROJECT } from '../../helpers/requires.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const { folder } = temporaryFolder()

/** Runs in a process of its own, since the engine lets go of a file at its end only. */
const WRITER = `
  import Database from 'libsql'
  const [path, statements] = JSON.parse(process.argv[1])
  const database = new Database(path)
  for (const [sql, values] of statements) values ? database.prepare(sql).run(...values) : database.exec(sql)`

type Written = readonly [sql: string, values?: readonly unknown[]]

/** What a daemon of version 1 wrote and was killed after: an episode, opened and closed. */
function writeVersion1(path: string): void {
  const [opened, closed] = [episodeEvent(1), episodeEvent(1, 'closed')]
  const insert = 'INSERT INTO events (event_id, type, source, stored_at, json) VALUES (?, ?, ?, ?, ?)'
  const event = ({ eventId, type }: typeof opened, json: object): Written => [
    insert,
    [eventId, type, 'mic', Date.now(), JSON.stringify(json)],
  ]
  const statements: Written[] = [
    ['PRAGMA auto_vacuum = INCREMENTAL'],
    [`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1; ${MIGRATIONS[0]}`],
    ['PRAGMA journal_mode = WAL'],
    event(opened, eventToJson(opened)),
    event(closed, eventToJson(closed)),
    [
      'INSERT INTO episodes VALUES (?, 1, 2, ?, ?, ?)',
      [closed.episode.id, 'mic', 'closed', JSON.stringify(episodeToJson(closed.episode))],
    ],
    ["INSERT INTO state VALUES ('labels', '[1]')"],
  ]
  write(path, statements)
}

function write(path: string, statements: readonly Written[]): void {
  const args = ['--input-type=module', '-e', WRITER, JSON.stringify([path, statements])]
  execFileSync(process.execPath, args, { cwd: PROJECT })
}

it('takes up a database of version 1 with all that it holds', async () => {
  const path = `${folder}/version-1.db`
  writeVersion1(path)
  const store = new EventStore(storeSchema.parse({ path }), systemClock, silentLogger)
  await store.start()
  expect([store.first, store.last, await store.state('labels')]).toEqual([1, 2, [1]])
  const found = await store.episodes({ limit: 9, muted: false, acknowledged: false, since: 1, minScore: 2.5 })
  expect(found).toEqual([{ ...episodeEvent(1, 'closed').episode, seq: 1 }])
  const changes = await store.events({
    limit: 9,
    kinds: ['episode'],
    sources: ['mic'],
    until: 4,
    minScore: 2.5,
    after: 0,
  })
  expect(changes).toEqual([episodeEvent(1), episodeEvent(1, 'closed')].map((event, i) => ({ seq: i + 1, event })))
  expect(await store.append([decisionEvent(1)])).toEqual([3])
  expect(await store.audit({ limit: 9 })).toEqual([{ seq: 3, event: decisionEvent(1) }])
  expect(await store.events({ limit: 1 })).toEqual([{ seq: 3, event: decisionEvent(1) }])
  await store.stop()
  const connection = new Database(path)
  expect(connection.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: MIGRATIONS.length })
  expect(connection.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' })
  connection.close()
})

it('takes up a database of version 2, whose decisions outlived their events', async () => {
  const path = `${folder}/version-2.db`
  const decision = decisionEvent(7)
  const opened = episodeEvent(3)
  write(path, [
    ['PRAGMA auto_vacuum = INCREMENTAL'],
    [`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 2; ${MIGRATIONS[0]} ${MIGRATIONS[1]}`],
    ["UPDATE sqlite_sequence SET seq = 40 WHERE name = 'events'"],
    ['INSERT INTO audit VALUES (12, 1, ?)', [JSON.stringify(eventToJson(decision))]],
    // Open for so long that the event that opened it is gone.
    [
      'INSERT INTO episodes VALUES (?, 20, 20, ?, ?, ?)',
      [opened.episode.id, 'mic', 'open', JSON.stringify(episodeToJson(opened.episode))],
    ],
  ])
  const store = new EventStore(storeSchema.parse({ path }), systemClock, silentLogger)
  await store.start()
  expect([store.first, store.last]).toEqual([41, 40])
  expect(await store.audit({ limit: 9, source: 'mic', action: 'muted', since: 7 })).toEqual([
    { seq: 12, event: decision },
  ])
  expect(await store.audit({ limit: 9, since: 8 })).toEqual([])
  expect(await store.episodes({ limit: 9, since: 3, until: 4, state: 'open' })).toEqual([
    { ...opened.episode, seq: 20 },
  ])
  await store.stop()
})
