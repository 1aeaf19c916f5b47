import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memberships } from '../../../src/model/map/smooth-knn.ts'

describe('memberships', () => {
  it('fall with distance, and add up to the logarithm of k without the nearest', () => {
    const far = fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 4, maxLength: 40 })
    fc.assert(
      fc.property(far, fc.constantFrom(1e-15, 1, 1e15), (values, unit) => {
        const distances = Float64Array.from(values, value => value * unit).sort()
        const found = memberships(distances)
        expect(found.every((value, i) => value > 0 && value <= 1 && (i === 0 || value <= found[i - 1]))).toBe(true)
        expect(found.slice(1).reduce((a, b) => a + b)).toBeCloseTo(Math.log2(values.length), 4)
      }),
    )
  })

  it('are whole at no distance, whatever the rest', () => {
    expect([...memberships(new Float64Array(5))]).toEqual([1, 1, 1, 1, 1])
    expect(memberships(Float64Array.of(0, 0, 0, 0, 0, 0, 0, 0, 5))[8]).toBeLessThan(1e-6)
  })
})
