import { readFileSync, writeFileSync } from 'node:fs'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../src/errors.ts'
import { fileBytes } from '../../src/ingest/bytes.ts'
import { openNpz } from '../../src/ingest/npz.ts'
import { PROJECT } from '../helpers/requires.ts'
import { errorOf, temporaryFolder } from '../helpers/temporary.ts'

const folder = `${PROJECT}test/fixtures/numpy/`
const golden = JSON.parse(readFileSync(`${folder}golden.json`, 'utf8')).npz
const { write } = temporaryFolder()

describe('openNpz', () => {
  it.each(['stored.npz', 'deflated.npz'])('gives the frames of all arrays of %s in the order of their names', name => {
    const frames = openNpz(fileBytes(folder + name), [3, 4])
    expect([frames.count, frames.shape]).toEqual([3, [3, 4]])
    for (const i of [2, 0, 1]) {
      const expected = i < 2 ? golden.frame_a.slice(12 * i, 12 * i + 12) : golden.frame_b
      expect([...frames.read(i)]).toEqual(expected)
    }
  })

  it('takes the shape of the first array where none is declared, and refuses arrays that differ', async () => {
    const error = (await errorOf(() => openNpz(fileBytes(`${folder}stored.npz`)))) as AuscultError
    expect([error.code, error.at]).toEqual(['AUSCULT_INPUT_SHAPE', `${folder}stored.npz:frame_b.npy`])
  })

  it('gives one clear error for what is no archive', async () => {
    const stored = readFileSync(`${folder}stored.npz`)
    const cases: [string, Uint8Array, string][] = [
      ['empty.npz', new Uint8Array(0), 'the file is empty'],
      ['text.npz', Buffer.from('hello, this is no archive'), 'not a readable .npz archive'],
      ['cut.npz', stored.subarray(0, 300), 'not a readable .npz archive'],
      ['none.npz', zipSync({ 'readme.txt': new Uint8Array(3) }), 'holds no .npy array'],
      ['bad.npz', zipSync({ 'a.npy': new Uint8Array(30) }), 'no \\x93NUMPY tag'],
    ]
    for (const [name, bytes, message] of cases) {
      const error = await errorOf(() => openNpz(fileBytes(write(name, bytes))))
      expect(error).toBeInstanceOf(AuscultError)
      expect((error as AuscultError).code).toBe('AUSCULT_INPUT_INVALID')
      expect((error as AuscultError).message).toContain(message)
    }
  })

  it('refuses an archive that promises more than its bytes can hold', async () => {
    const bytes = zipSync({ 'a.npy': new Uint8Array(100) })
    const central = Buffer.from(bytes).indexOf(Buffer.from([0x50, 0x4b, 1, 2]))
    new DataView(bytes.buffer).setUint32(central + 24, 0x7fffffff, true)
    const error = (await errorOf(() => openNpz(fileBytes(write('bomb.npz', bytes))))) as AuscultError
    expect([error.code, error.message]).toEqual([
      'AUSCULT_INPUT_INVALID',
      expect.stringContaining('2147483647 bytes cannot come from'),
    ])
  })

  it('goes on with what is decompressed when the archive changes', async () => {
    const path = write('changing.npz', readFileSync(`${folder}stored.npz`))
    const frames = openNpz(fileBytes(path), [3, 4])
    expect(frames.read(0).length).toBe(12)
    writeFileSync(path, 'gone')
    expect([...frames.read(0)]).toEqual(golden.frame_a.slice(0, 12))
  })
})
