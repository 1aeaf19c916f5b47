import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../../src/errors.ts'
import type { ColumnKey } from '../../../src/ingest/csv/table.ts'
import { type ArrayRecording, openRecording } from '../../../src/ingest/decode.ts'
import { errorOf, temporaryFolder } from '../../helpers/temporary.ts'

const { write } = temporaryFolder()

async function open(text: string | Uint8Array, shape?: number[], columns?: ColumnKey[]): Promise<ArrayRecording> {
  return (await openRecording(write('table.csv', text), { format: { shape, columns } })) as ArrayRecording
}

const framesOf = ({ count, read }: ArrayRecording) => Array.from({ length: count }, (_, i) => [...read(i)])

async function refusal(text: string, shape?: number[], columns?: ColumnKey[]): Promise<AuscultError> {
  const error = await errorOf(async () => framesOf(await open(text, shape, columns)))
  expect(error).toBeInstanceOf(AuscultError)
  return error as AuscultError
}

describe('openCsv', () => {
  const text = 'time,left,right\n0,1.5,-2\n1,2.5,3e-1\n2,+3,.5\n'

  it('gives a frame a row, or one of the whole', async () => {
    expect(framesOf(await open(text, [3])).map(frame => frame.map(x => Number(x.toFixed(5))))).toEqual([
      [0, 1.5, -2],
      [1, 2.5, 0.3],
      [2, 3, 0.5],
    ])
    expect((await open(text, [3, 3])).count).toBe(1)
    expect(await open(text)).toMatchObject({ count: 1, shape: [3, 3] })
    expect((await open('1,2\n3,4\n5,6', [3, 2])).read(0)).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6))
  })

  it('reads the columns that are named or numbered, in their order', async () => {
    expect(framesOf(await open(text, [2], ['right', 1]))[0]).toEqual([-2, 1.5])
    expect(framesOf(await open(text, [3], ['left']))).toEqual([[1.5, 2.5, 3]])
    expect(framesOf(await open(text, [1], [0]))).toEqual([[0], [1], [2]])
    expect(framesOf(await open(text, [1, 3], [0]))).toEqual([[0, 1, 2]])
    expect((await open(text, [1, 3])).count).toBe(3)
    expect(framesOf(await open('2026-01-01 a, 1\n2026-01-02 b, 2', [2], [1]))).toEqual([[1, 2]])
  })

  it('understands what spreadsheets and instruments write', async () => {
    const rows = [
      [1, 2.5],
      [3, -4],
    ]
    for (const variant of [
      '1,2.5\r\n3,-4\r\n',
      '\uFEFF1;2,5\n3;-4',
      '1\t2.5\n3\t-4\n\n',
      '# comment\n1 2.5\n  3   -4',
      '"a b","c,d"\n"1","2.5"\n3,-4',
      'index, value\n1, 2.500000\n3, -4.0e0',
      '1,2.5\r3,-4\r',
    ])
      expect(framesOf(await open(variant, [2])), JSON.stringify(variant)).toEqual(rows)
  })

  it('takes an empty field for a missing value, which only its frame suffers from', async () => {
    const table = await open('1,2\n3,\n5,nan\n7,8', [2])
    expect([...table.read(3)]).toEqual([7, 8])
    expect(() => table.read(1)).toThrow('value 1 of frame 1 is NaN')
    expect(() => table.read(2)).toThrow('value 1 of frame 2 is NaN')
  })

  it('names line and column of what is no number', async () => {
    const error = await refusal('a,b\n1,2\n3, x7', [2])
    expect([error.code, error.message]).toEqual(['AUSCULT_INPUT_INVALID', '"x7" is no number'])
    expect(error.at).toMatch(/table\.csv:3:4$/)
    expect((await refusal('1,2\n0x10,3', [2])).at).toMatch(/:2:1$/)
    const ragged = await refusal('1,2\n\n3,4,5', [2])
    expect([ragged.at?.slice(-2), ragged.message]).toEqual([':3', '3 fields in a table of 2 columns'])
  })

  it('says which columns and shapes there are', async () => {
    expect((await refusal(text, [2], ['middle', 'left'])).toString()).toContain('It has time, left, right.')
    expect((await refusal('1,2', [1], [7])).remedy).toContain('columns are numbered 0 to 1')
    const shape = await refusal(text, [4])
    expect([shape.code, shape.message]).toEqual(['AUSCULT_INPUT_SHAPE', 'the table has 3 rows of 3 columns'])
  })

  it('tells an empty file from one without numbers', async () => {
    expect((await refusal('')).message).toBe('the file is empty')
    expect((await refusal('a,b\n')).message).toBe('the table holds no numbers')
    expect((await refusal('# nothing\n\n')).message).toBe('the table holds no numbers')
  })

  it('reads a table larger than a piece of the file', async () => {
    const lines = Array.from({ length: 120_000 }, (_, i) => `${i},${i / 4}`)
    const table = await open(`n,quarter\r\n${lines.join('\r\n')}`, [2])
    expect(table.count).toBe(120_000)
    for (const i of [0, 59_999, 119_999]) expect([...table.read(i)]).toEqual([i, i / 4])
  })

  it('reads back any table that was written', async () => {
    const value = fc.float({ noNaN: true, noDefaultInfinity: true })
    const table = fc
      .integer({ min: 2, max: 5 })
      .chain(columns =>
        fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 20 }),
      )
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom(',', ';', '\t', ' , '), async (rows, separator) => {
        const read = await open(rows.map(row => row.join(separator)).join('\n'), [rows[0].length])
        expect(framesOf(read)).toEqual(rows.map(row => row.map(x => Math.fround(x) + 0)))
      }),
      { numRuns: 100 },
    )
  })
})
