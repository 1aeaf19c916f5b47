import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evenEdges, indexAxis, labelOf } from '../../../src/model/explanation/axis.ts'
import { concentratedRanges, pooled, sumOf } from '../../../src/model/explanation/ranges.ts'
import { concentratedRegions } from '../../../src/model/explanation/regions.ts'

const ranges = (...profile: number[]) => concentratedRanges(Float64Array.from(profile))

describe('concentratedRanges', () => {
  it('finds runs well above the average, largest share first', () => {
    expect(ranges(0, 3, 0, 0, 0, 5, 2, 0, 0, 0)).toEqual([
      { from: 5, to: 7, share: 0.7 },
      { from: 1, to: 2, share: 0.3 },
    ])
  })

  it('merges neighbours over one faint part between them', () => {
    expect(ranges(0, 0, 4, 1, 5, 0, 0, 0, 0, 0)).toEqual([{ from: 2, to: 5, share: 1 }])
  })

  it('cuts off faint ends, but no more than a tenth', () => {
    // The average is 1.2, the level 1.8.
    expect(ranges(2, 10, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0)).toEqual([{ from: 0, to: 3, share: 1 }])
    expect(ranges(2, 40, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)).toEqual([
      { from: 1, to: 2, share: 40 / 44 },
    ])
  })

  it('finds nothing in what is even, or nothing', () => {
    expect(ranges(1, 1, 1, 1)).toEqual([])
    expect(ranges(0, 0)).toEqual([])
    expect(ranges()).toEqual([])
  })

  it('gives ranges that lie apart, with their shares', () => {
    const profile = fc.array(fc.float({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(profile, values => {
        const found = ranges(...values)
        const inOrder = [...found].sort((a, b) => a.from - b.from)
        inOrder.slice(1).forEach((range, i) => {
          expect(range.from).toBeGreaterThanOrEqual(inOrder[i].to)
        })
        const total = values.reduce((sum, value) => sum + value, 0)
        for (const { from, to, share } of found) {
          expect(to).toBeGreaterThan(from)
          expect(share).toBeCloseTo(sumOf(Float64Array.from(values), { from, to }) / total, 9)
        }
        expect(found.reduce((sum, { share }) => sum + share, 0)).toBeLessThanOrEqual(1 + 1e-9)
      }),
    )
  })
})

describe('concentratedRegions', () => {
  it('gives boxes that do not overlap, with their shares', () => {
    const cells = fc.array(fc.constantFrom<number>(0, 0, 0, 1, 5, 20), { minLength: 54, maxLength: 54 })
    fc.assert(
      fc.property(cells, values => {
        const found = concentratedRegions(Float64Array.from(values), 6, 9)
        const total = values.reduce((sum, value) => sum + value, 0)
        const covered = new Set<number>()
        for (const { rows, columns, share } of found) {
          let sum = 0
          for (let row = rows.from; row < rows.to; row++) {
            for (let column = columns.from; column < columns.to; column++) {
              expect(covered.has(row * 9 + column)).toBe(false)
              covered.add(row * 9 + column)
              sum += values[row * 9 + column]
            }
          }
          expect(share).toBeCloseTo(sum / total, 9)
        }
      }),
    )
  })

  it('keeps one region where blocks touch, and two where they do not', () => {
    const matrix = new Float64Array(100)
    for (const cell of [11, 12, 22, 77]) matrix[cell] = 1
    expect(concentratedRegions(matrix, 10, 10)).toEqual([
      { rows: { from: 1, to: 3 }, columns: { from: 1, to: 3 }, share: 0.75 },
      { rows: { from: 7, to: 8 }, columns: { from: 7, to: 8 }, share: 0.25 },
    ])
  })
})

describe('pooled', () => {
  it('adds up neighbours', () => {
    expect([...pooled(Float64Array.of(1, 2, 3, 4, 5), 2)]).toEqual([3, 7, 5])
  })
})

describe('labelOf', () => {
  const hertz = (...edges: number[]) => ({
    name: 'frequency',
    unit: 'Hz' as const,
    kind: 'frequency' as const,
    edges: Float64Array.from(edges),
  })

  it('has as many decimals as tell the ends apart', () => {
    const label = (low: number, high: number) => labelOf(hertz(low, high), { from: 0, to: 1 })
    expect(label(2100, 2600)).toBe('2.1–2.6 kHz')
    expect(label(2103, 2131)).toBe('2.103–2.131 kHz')
    expect(label(310, 422)).toBe('310–422 Hz')
    expect(label(0, 8000)).toBe('0–8 kHz')
    expect(label(950, 1050)).toBe('0.95–1.05 kHz')
    const time = { name: 'time', unit: 's' as const, kind: 'time' as const, edges: evenEdges(0, 0.032, 20) }
    expect(labelOf(time, { from: 10, to: 13 })).toBe('0.32–0.42 s')
    expect(labelOf(time, { from: 0, to: 1 })).toBe('0–0.032 s')
  })

  it('counts things from 0, the last included', () => {
    const rows = indexAxis('row', 'region', 10)
    expect(labelOf(rows, { from: 3, to: 9 })).toBe('rows 3–8')
    expect(labelOf(rows, { from: 3, to: 4 })).toBe('row 3')
    expect(labelOf(indexAxis('column', 'region', 10, 4), { from: 3, to: 4 })).toBe('columns 12–15')
  })
})
