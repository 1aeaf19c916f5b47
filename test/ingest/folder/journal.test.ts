import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AuscultError } from '../../../src/errors.ts'
import { Journal } from '../../../src/ingest/folder/journal.ts'
import { errorOf, temporaryFolder } from '../../helpers/temporary.ts'

const { folder } = temporaryFolder()
const file = (name: string, size = 10, mtimeMs = 1.25) => ({ name, size, mtimeMs })
let count = 0
const path = () => join(folder, `${count++}.jsonl`)

function opened(at: string): Journal {
  const journal = new Journal(at)
  journal.open()
  return journal
}

describe('Journal', () => {
  it('remembers files as they were, also for the next that opens it', () => {
    const at = path()
    const journal = opened(at)
    journal.add(file('a'))
    journal.add({ ...file('sub/b', 20), failed: 'decode' })
    for (const each of [journal, opened(at)]) {
      expect(each.find(file('a'))).toEqual(file('a'))
      expect(each.find(file('sub/b', 20))?.failed).toBe('decode')
      expect(each.find(file('a', 11))).toBeUndefined()
      expect(each.find(file('a', 10, 2))).toBeUndefined()
      expect(each.find(file('c'))).toBeUndefined()
    }
  })

  it('ignores a line that a crash has torn, and goes on after it', () => {
    const at = path()
    opened(at).add(file('a'))
    appendFileSync(at, '{"file":"b","si')
    const journal = new Journal(at)
    journal.add(file('c'))
    const again = opened(at)
    expect(again.find(file('a'))).toBeDefined()
    expect(again.find(file('c'))).toBeDefined()
    expect(again.find(file('b'))).toBeUndefined()
  })

  it('forgets files that are gone, when they are many', () => {
    const at = path()
    const journal = opened(at)
    for (let i = 0; i < 1200; i++) journal.add(file(`f${i}`))
    journal.prune(new Set(Array.from({ length: 700 }, (_, i) => `f${i}`)))
    expect(journal.find(file('f1000'))).toBeDefined()
    journal.prune(new Set(['f7']))
    expect(journal.find(file('f1000'))).toBeUndefined()
    expect(opened(at).find(file('f7'))).toBeDefined()
    expect(readFileSync(at, 'utf8').trim().split('\n')).toHaveLength(1)
  })

  it('says when it cannot be written, and writes later what it could not', async () => {
    const missing = join(folder, 'absent', 'state.jsonl')
    const error = (await errorOf(() => new Journal(missing).open())) as AuscultError
    expect([error.code, error.at]).toEqual(['AUSCULT_OUTPUT', missing])
    const journal = new Journal(missing)
    expect(() => journal.add(file('a'))).toThrow('ENOENT')
    expect(journal.find(file('a'))).toBeDefined()
    mkdirSync(join(folder, 'absent'))
    journal.flush()
    expect(opened(missing).find(file('a'))).toBeDefined()
    expect(existsSync(`${missing}.tmp`)).toBe(false)
  })

  it('takes a file of something else for an empty one', () => {
    const at = path()
    writeFileSync(at, '[1]\nnull\n"x"\n\u0000\n{"file":5}\n')
    chmodSync(at, 0o600)
    expect(opened(at).find(file('x'))).toBeUndefined()
  })
})
