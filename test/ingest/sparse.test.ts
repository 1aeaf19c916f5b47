import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../src/errors.ts'
import { memoryBytes } from '../../src/ingest/bytes.ts'
import { openSparse } from '../../src/ingest/sparse.ts'
import { errorOf } from '../helpers/temporary.ts'

const frameOf = (text: string, shape = [2, 3]) =>
  openSparse(memoryBytes('a.txt', new Uint8Array(Buffer.from(text))), shape).read(0)

describe('openSparse', () => {
  it('puts the count of `x y count` into row y, column x', () => {
    expect([...frameOf('2\t0\t7\n0\t1\t1.5\n')]).toEqual([0, 0, 7, 1.5, 0, 0])
  })

  it('takes spaces, Windows line ends, blank lines and a last line without an end', () => {
    expect([...frameOf('  1 0  4\r\n\r\n1 1 5')]).toEqual([0, 4, 0, 0, 5, 0])
  })

  it('adds up the counts of a pixel', () => {
    expect([...frameOf('1 0 4\n1 0 2\n')]).toEqual([0, 6, 0, 0, 0, 0])
  })

  it('reads an empty file as an empty frame', () => {
    expect([...frameOf('')]).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('names the line that is wrong', async () => {
    const cases: [string, string, string][] = [
      ['0 0 1\n3 0 1\n', 'a.txt:2', 'x=3 y=0 lies outside a frame 3 wide and 2 high'],
      ['0 0 1\n\n0 2 1\n', 'a.txt:3', 'y=2 lies outside'],
      ['-1 0 1', 'a.txt:1', 'outside'],
      ['0 0', 'a.txt:1', 'is not `x y count`'],
      ['0 0 1 1', 'a.txt:1', 'is not `x y count`'],
      ['0.5 0 1', 'a.txt:1', 'is not `x y count`'],
      ['0 0 nan', 'a.txt:1', 'is not `x y count`'],
      ['x y count', 'a.txt:1', 'is not `x y count`'],
    ]
    for (const [text, at, message] of cases) {
      const error = (await errorOf(() => frameOf(text))) as AuscultError
      expect([error.code, error.at]).toEqual(['AUSCULT_INPUT_INVALID', at])
      expect(error.message).toContain(message)
    }
  })

  it('wants a height and a width', async () => {
    const error = await errorOf(() => frameOf('', [4]))
    expect(error).toBeInstanceOf(AuscultError)
    expect((error as AuscultError).code).toBe('AUSCULT_INPUT_SHAPE')
  })
})
