import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvLine, isoTime } from '../../../src/stream/export/csv.ts'
import { parseCsv } from '../../helpers/csv.ts'

describe('csvLine', () => {
  it('writes numbers as they are, nothing for what is absent, and quotes what must be', () => {
    expect(csvLine([1.5, -2, undefined, true, 'a b', 'a,b', 'a "b"', 'a\r\nb'])).toBe(
      '1.5,-2,,true,a b,"a,b","a ""b""","a\r\nb"\r\n',
    )
  })

  it.each([
    ['=1+1', "'=1+1"],
    ['+49 30', "'+49 30"],
    ['-pump', "'-pump"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' =1+1', "' =1+1"],
    ['\t=1', "'\t=1"],
    ['＝1+1', "'＝1+1"],
    ["'quoted", "''quoted"],
    ['a=b', 'a=b'],
    ['2026-11-22', '2026-11-22'],
  ])('guards a spreadsheet: %j', (text, guarded) => {
    expect(csvLine([text])).toBe(`${guarded}\r\n`)
  })

  it('guards what is quoted as well', () => {
    expect(csvLine(['=HYPERLINK("http://x","y")'])).toBe(`"'=HYPERLINK(""http://x"",""y"")"\r\n`)
  })

  it('can be read back, whatever the text', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'=+-@\'",\r\n\t ab') }))
    fc.assert(
      fc.property(fc.array(fc.array(text, { minLength: 2, maxLength: 5 }), { maxLength: 8 }), rows => {
        const read = parseCsv(rows.map(csvLine).join(''))
        expect(read.map(cells => cells.map(cell => cell.replace(/^'/, '')))).toEqual(rows)
        for (const cell of read.flat()) expect(cell).not.toMatch(/^\s*[=+\-@]/)
      }),
    )
  })
})

describe('isoTime', () => {
  it('is in UTC, and nothing where there is no such time', () => {
    expect([0, 1795318509088.5, undefined, Number.NaN, 9e15].map(isoTime)).toEqual([
      '1970-01-01T00:00:00.000Z',
      '2026-11-22T03:35:09.088Z',
      undefined,
      undefined,
      undefined,
    ])
  })
})
