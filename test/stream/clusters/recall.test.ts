import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import { PROJECT } from '../../helpers/requires.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { Disk, Line, NORMAL } from './line.ts'

const { folder } = temporaryFolder()
const SQUEAL = [50, 50]
const HISS = [-500, 50]

const storeAt = (path: string) => new EventStore(storeSchema.parse({ path }), systemClock, silentLogger)

/** Runs in a process of its own, since the engine lets go of a file at its end only. */
const EDITOR = `
  import Database from 'libsql'
  const [path, sql, ...values] = process.argv.slice(1)
  process.stdout.write(String(new Database(path).prepare(sql).run(...values).changes))`

/** Does something to the database of a daemon that does not run. @returns how many rows it changed */
const edit = (path: string, sql: string, ...values: string[]): number =>
  Number(execFileSync(process.execPath, ['--input-type=module', '-e', EDITOR, path, sql, ...values], { cwd: PROJECT }))

it('clusters keep their ids in a database from one process to the next', async () => {
  const path = join(folder, 'events.db')
  const first = await Line.started({ disk: storeAt(path) })
  await first.episode('a', SQUEAL)
  first.see('a', HISS, true)
  await first.flush()
  const before = first.keeper.list({ limit: 9 })
  await first.stop()
  const second = await Line.started({ disk: storeAt(path) })
  expect(second.keeper.list({ limit: 9 })).toEqual(before)
  expect(before.map(({ id, born, episodes }) => [id, born, episodes])).toEqual([
    [1, undefined, 0],
    [2, undefined, 0],
    [3, 'a/s/0', 1],
    [4, 'a/s/7', 0],
  ])
  expect((await second.episode('b', HISS)).cluster).toMatchObject({ id: 4, episodes: 1 })
  await second.kill()
  const third = await Line.started({ disk: storeAt(path) })
  expect(third.keeper.get(4)).toMatchObject({ born: 'a/s/7', episodes: 1 })
  await third.stop()
})

it('a state that was cut off in the database is refused, kept, and begun anew', async () => {
  const path = join(folder, 'cut.db')
  const first = await Line.started({ disk: storeAt(path) })
  await first.episode('a', SQUEAL)
  const { key } = first.keeper
  await first.stop()
  expect(edit(path, 'UPDATE state SET json = substr(json, 1, 200) WHERE key = ?', `clusters/${key}`)).toBe(1)
  const store = storeAt(path)
  const second = await Line.started({ disk: store })
  expect(second.keeper.status()).toMatchObject({ ok: true, reason: expect.stringContaining('2 clusters; began anew') })
  const refused = (await store.state(`clusters/${key}/refused`)) as { texts: Record<string, string>; why: string[] }
  expect(Object.keys(refused.texts)).toEqual(['clusters', 'history', 'exemplars'])
  expect(refused.texts.clusters).toHaveLength(200)
  expect((await second.episode('b', SQUEAL)).cluster).toMatchObject({ id: 4, episodes: 1 })
  await second.stop()
})

const edited = (text: string) => text.replace('"updates":7', '"updates":8')
const shorter = (text: string) => text.slice(0, text.length / 2)
const newer = (text: string) => text.replace('"format":1', '"format":2')
const moved = (text: string) => text.replace('"a/s/0"', '"a/s/1"')

describe.each([
  ['edited', edited, 'checksum'],
  ['with another window as its beginning', moved, 'checksum'],
  ['cut off', shorter, 'not whole'],
  ['of another version', newer, 'format 2'],
  ['something else', () => '[]', 'not whole'],
  [
    'half of what belongs together',
    (text: string) => JSON.stringify({ clusterer: JSON.parse(text).clusterer }),
    'not whole',
  ],
])('saved clusters that are %s', (_, damage, why) => {
  it('are refused with their place, kept, and begun anew with ids that nobody had', async () => {
    const disk = new Disk()
    const first = await Line.started({ disk })
    await first.episode('a', SQUEAL)
    await first.stop()
    const place = `clusters/${first.keeper.key}`
    const text = disk.states.get(place)!
    const damaged = damage(text)
    expect(damaged).not.toBe(text)
    disk.states.set(place, damaged)
    const error = vi.fn()
    const second = await Line.started({ disk, logger: { ...silentLogger, error } as never })
    expect(error.mock.calls).toEqual([
      [
        expect.objectContaining({ code: 'AUSCULT_STATE', at: place, remedy: expect.stringContaining('refused') }),
        expect.stringContaining(why),
      ],
    ])
    expect(second.keeper.status()).toEqual({ ok: true, reason: expect.stringContaining(why) })
    const refused = JSON.parse(disk.states.get(`${place}/refused`)!)
    expect(refused).toEqual({ at: expect.any(Number), why: [expect.stringContaining(why)], texts: expect.any(Object) })
    expect(refused.texts.clusters).toBe(damaged)
    expect(second.keeper.list({ limit: 9 }).map(({ id, windows }) => [id, windows])).toEqual([
      [1, 0],
      [2, 0],
    ])
    expect((await second.episode('a', SQUEAL)).cluster).toMatchObject({ id: 4, episodes: 1 })
    await second.stop()
    const third = await Line.started({ disk })
    expect([third.keeper.get(4)?.episodes, third.keeper.status().reason]).toEqual([1, '3 clusters'])
    await third.stop()
  })
})

describe.each([
  ['history', 'episodes', { episodes: 0, windows: 4, exemplars: ['a/s/0'] }],
  ['exemplars', 'exemplars', { episodes: 1, windows: 4, exemplars: [] }],
])('a damaged %s', (part, why, left) => {
  it.each([
    ['edited', (text: string) => text.replaceAll('3', '"3')],
    ['cut off', shorter],
    ['of another kind', () => '{"format":1}'],
    ['of another version', () => '{"format":2}'],
  ])('that is %s costs no more than itself', async (_, damage) => {
    const disk = new Disk()
    const first = await Line.started({ disk })
    await first.episode('a', SQUEAL)
    await first.stop()
    const place = `clusters/${first.keeper.key}`
    const damaged = damage(disk.states.get(`${place}/${part}`)!)
    disk.states.set(`${place}/${part}`, damaged)
    const second = await Line.started({ disk })
    expect(second.keeper.status().reason).toContain(why)
    expect(second.keeper.get(3)).toMatchObject({ born: 'a/s/0', ...left })
    expect(JSON.parse(disk.states.get(`${place}/refused`)!).texts).toEqual({ [part]: damaged })
    await second.stop()
  })
})

it('exemplars of clusters that went since they were stored go with them', async () => {
  const disk = new Disk()
  const first = await Line.started({ disk })
  await first.episode('a', SQUEAL)
  await first.stop()
  const place = `clusters/${first.keeper.key}/exemplars`
  disk.states.set(place, disk.states.get(place)!.replace('"id":3', '"id":77'))
  const second = await Line.started({ disk })
  second.see('a', NORMAL[0], true)
  await second.stop()
  expect(JSON.parse(disk.states.get(place)!).map(({ id }: { id: number }) => id)).not.toContain(77)
})

it('a store whose list of keys is damaged is used all the same', async () => {
  const disk = new Disk()
  const first = await Line.started({ disk })
  await first.episode('a', SQUEAL)
  await first.stop()
  for (const key of ['clusters/keys', 'clusters/next']) disk.states.set(key, '{')
  const second = await Line.started({ disk })
  expect(second.keeper.get(3)).toMatchObject({ episodes: 1 })
  await second.stop()
  expect(JSON.parse(disk.states.get('clusters/keys')!)).toEqual([first.keeper.key])
})
