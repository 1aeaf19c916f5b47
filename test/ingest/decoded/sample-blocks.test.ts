import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SampleBlocks } from '../../../src/ingest/decoded/sample-blocks.ts'

const ramp = (from: number, n: number) => Float32Array.from({ length: n }, (_, i) => from + i)

describe('SampleBlocks', () => {
  it('gives what was appended, in whatever pieces', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (pieces, a, b) => {
        const blocks = new SampleBlocks()
        for (const n of pieces) blocks.appendMean([ramp(blocks.length, n)])
        const total = pieces.reduce((sum, n) => sum + n, 0)
        expect(blocks.length).toBe(total)
        const start = total === 0 ? 0 : a % total
        const count = total === 0 ? 0 : b % (total - start)
        expect(Buffer.from(blocks.read(start, count).buffer).equals(Buffer.from(ramp(start, count).buffer))).toBe(true)
        blocks.truncate(start)
        expect([blocks.length, blocks.bytes]).toEqual([start, 4 * start])
      }),
      { numRuns: 40 },
    )
  })

  it('mixes channels by their mean', () => {
    const blocks = new SampleBlocks()
    blocks.appendMean([Float32Array.of(9, 1, 2), Float32Array.of(9, 3, 6)], 1)
    expect([...blocks.read(0, 2)]).toEqual([2, 4])
  })
})
