import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkFolders } from '../../src/doctor/folders.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const { folder, write } = temporaryFolder()
const store = (path: string, megabytes: number | null = 1) =>
  checkFolders([{ name: 'store', path, isStore: true, megabytes }])

it('says where events are without a path', () => {
  expect(checkFolders([])).toMatchObject([{ name: 'store', state: 'ok', text: expect.stringContaining('in memory') }])
})

it('takes folders that are yet to be made', () => {
  const path = join(folder, 'a/b/events.db')
  expect(store(path)).toMatchObject([
    { state: 'ok', text: expect.stringMatching(/events\.db can be written; [\d.]+ GB are free/) },
  ])
  const [clips] = checkFolders([{ name: 'evidence', path: join(folder, 'clips'), isStore: false, megabytes: null }])
  expect(clips).toMatchObject({ name: 'evidence', state: 'ok' })
})

it('fails where there is no room for all that may come', () => {
  const [check] = store(join(folder, 'events.db'), 1e12)
  expect(check).toMatchObject({ state: 'failed', remedy: expect.stringContaining('store.max_mb') })
  expect(check.text).toMatch(/but it may take 1000000000 GB/)
})

it('fails where nothing can be written', () => {
  const file = write('file', 'text')
  const [check] = store(join(file, 'events.db'))
  expect(check).toMatchObject({ state: 'failed', remedy: expect.any(String) })
  expect(check.text).toContain('cannot be written')
})

it('knows the file of another program', () => {
  const [check] = store(write('other.db', 'not a database'))
  expect(check).toMatchObject({ state: 'failed', text: expect.stringContaining('something other than events') })
})
