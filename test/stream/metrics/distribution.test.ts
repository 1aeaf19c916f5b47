import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Distribution } from '../../../src/stream/metrics/distribution.ts'

describe('Distribution', () => {
  it('counts what is at most each bound, all, and their sum', () => {
    const bounds = fc
      .uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1 })
      .map(all => all.sort((a, b) => a - b))
    const added = fc.array(fc.tuple(fc.integer({ min: -60, max: 60 }), fc.integer({ min: 1, max: 5 })))
    fc.assert(
      fc.property(bounds, added, (ends, values) => {
        const distribution = new Distribution(ends)
        for (const [value, count] of values) distribution.add(value, count)
        const count = (most: number) => values.reduce((sum, [value, n]) => sum + (value <= most ? n : 0), 0)
        const bucket = (le: string, value: number) => ({ metricName: 'm_bucket', labels: { le, a: 'b' }, value })
        expect(distribution.samples('m', { a: 'b' })).toEqual([
          ...ends.map(end => bucket(String(end), count(end))),
          bucket('+Inf', count(Number.POSITIVE_INFINITY)),
          { metricName: 'm_sum', labels: { a: 'b' }, value: values.reduce((sum, [value, n]) => sum + value * n, 0) },
          { metricName: 'm_count', labels: { a: 'b' }, value: count(Number.POSITIVE_INFINITY) },
        ])
      }),
    )
  })
})
