import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Trend } from '../../../src/model/drift/trend.ts'

/** Σ(i − ī)(y − ȳ) / Σ(i − ī)² · (n − 1). */
function change(values: readonly number[]): number {
  const mid = (values.length - 1) / 2
  const mean = values.reduce((sum, y) => sum + y, 0) / values.length
  const across = values.reduce((sum, y, i) => sum + (i - mid) * (y - mean), 0)
  return (across / values.reduce((sum, _, i) => sum + (i - mid) ** 2, 0)) * (values.length - 1)
}

describe('Trend', () => {
  it('is the least-squares line, before and after a restore', () => {
    const value = fc.double({ min: -100, max: 100, noNaN: true })
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 50 }), fc.nat(50), (values, cut) => {
        const trend = new Trend()
        for (const y of values.slice(0, cut)) trend.push(y)
        const copy = new Trend()
        copy.restore(JSON.parse(JSON.stringify(trend.snapshot())))
        for (const y of values.slice(cut)) copy.push(y)
        expect(copy.change).toBeCloseTo(change(values), 6)
      }),
    )
  })

  it('is 0 before there are two values, and after a reset', () => {
    const trend = new Trend()
    expect(trend.change).toBe(0)
    for (const y of [1, 2, 4]) trend.push(y)
    expect(trend.change).toBeCloseTo(3, 12)
    trend.reset()
    trend.push(7)
    expect(trend.change).toBe(0)
    expect(() => trend.restore({ version: 1 })).toThrow(expect.objectContaining({ code: 'AUSCULT_STATE' }))
  })
})
