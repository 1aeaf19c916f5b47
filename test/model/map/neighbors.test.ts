import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { latentsOf } from '../../../src/model/clusters/latents.ts'
import { nearest } from '../../../src/model/map/neighbors.ts'

describe('nearest', () => {
  it('finds what sorting all finds, of equal distances the first row', () => {
    const tables = fc.integer({ min: 1, max: 6 }).chain(d =>
      fc.record({
        d: fc.constant(d),
        values: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 12 * d, maxLength: 30 * d }),
        k: fc.integer({ min: 1, max: 11 }),
        except: fc.integer({ min: -1, max: 11 }),
      }),
    )
    fc.assert(
      fc.property(tables, ({ d, values, k, except }) => {
        const table = latentsOf(Float32Array.from(values.slice(0, values.length - (values.length % d))), d)
        const at = (except < 0 ? 3 : except) * d
        const sorted = Array.from({ length: table.rows }, (_, row) => {
          const own = table.data.subarray(row * d, (row + 1) * d)
          const squares = own.reduce((sum, value, j) => sum + (value - table.data[at + j]) ** 2, 0)
          return { row, distance: Math.sqrt(squares) }
        })
          .filter(({ row }) => row !== except)
          .sort((a, b) => a.distance - b.distance || a.row - b.row)
          .slice(0, k)
        const found = nearest(table, table.data, at, k, except)
        expect([...found.rows]).toEqual(sorted.map(({ row }) => row))
        found.distances.forEach((distance, i) => {
          expect(distance).toBeCloseTo(sorted[i].distance, 9)
        })
      }),
    )
  })
})
