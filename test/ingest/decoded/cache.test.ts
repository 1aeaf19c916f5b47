import { describe, expect, it } from 'vitest'
import { fileBytes } from '../../../src/ingest/bytes.ts'
import { decodedOnce } from '../../../src/ingest/decoded/cache.ts'
import { errorOf, temporaryFolder } from '../../helpers/temporary.ts'

const { write } = temporaryFolder()

function counter(bytes = 10) {
  const made = { times: 0, decode: async () => ({ bytes, n: ++made.times }) }
  return made
}

describe('decodedOnce', () => {
  it('decodes a file once, until it changes', async () => {
    const path = write('a', 'one')
    const { decode } = counter()
    const open = () => decodedOnce(fileBytes(path), 'x', decode)
    expect((await Promise.all([open(), open()])).map(({ n }) => n)).toEqual([1, 1])
    expect((await open()).n).toBe(1)
    expect((await decodedOnce(fileBytes(path), 'y', decode)).n).toBe(2)
    write('a', 'longer')
    expect((await open()).n).toBe(3)
  })

  it('forgets what was used longest ago beyond 256 MiB', async () => {
    const names = ['p', 'q', 'r']
    const files = names.map(name => fileBytes(write(name, name)))
    const made = counter(2 ** 27)
    for (const file of files) await decodedOnce(file, 'z', made.decode)
    await decodedOnce(files[2], 'z', made.decode)
    await decodedOnce(files[1], 'z', made.decode)
    expect(made.times).toBe(3)
    await decodedOnce(files[0], 'z', made.decode)
    expect(made.times).toBe(4)
  })

  it('tries again after a failure', async () => {
    const file = fileBytes(write('b', 'b'))
    const failing = () => decodedOnce(file, 'x', () => Promise.reject(new Error('no')))
    expect(String(await errorOf(failing))).toContain('no')
    expect(await decodedOnce(file, 'x', async () => ({ bytes: 1 }))).toEqual({ bytes: 1 })
  })
})
