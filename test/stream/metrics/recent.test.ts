import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Recent } from '../../../src/stream/metrics/recent.ts'

/** A meter whose clock is turned by hand, and windows of one batch. */
function make(start = 0) {
  let now = start
  const recent = new Recent(() => now)
  return {
    recent,
    pass(ms: number) {
      now += ms
    },
    batch(...seconds: number[]) {
      recent.advance()
      for (const each of seconds) recent.add(each)
    },
  }
}

describe('Recent', () => {
  it('knows nothing before the first window', () => {
    const { recent } = make()
    expect([recent.rate, recent.quantile(0.5), recent.quantile(0.99)]).toEqual([0, null, null])
  })

  it('knows quantiles to 4.5 %, as sorting would give them', () => {
    const latencies = fc.array(fc.double({ min: 0.0001, max: 1000, noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(latencies, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const { recent, batch } = make()
        batch(...values)
        const sorted = values.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1]
        expect(Math.abs(Math.log(recent.quantile(q)! / exact))).toBeLessThan(Math.log(2) / 16 + 1e-6)
      }),
    )
  })

  it('takes any number of seconds', () => {
    const { recent, batch } = make()
    batch(0, -1, 1e-9, Number.NaN, 1e9, Number.POSITIVE_INFINITY)
    expect(recent.quantile(0)).toBeCloseTo(0.0001, 5)
    expect(recent.quantile(1)).toBeGreaterThan(1600)
  })

  it('forgets after a minute, second by second', () => {
    const { recent, pass, batch } = make(500)
    batch(1)
    pass(30_000)
    batch(0.01, 0.01)
    expect(recent.quantile(0.99)).toBeCloseTo(1, 0)
    pass(29_000)
    expect(recent.quantile(0.99)).toBeCloseTo(1, 0)
    pass(1000)
    expect(recent.quantile(0.99)).toBeCloseTo(0.01, 2)
    pass(30_000)
    expect(recent.quantile(0.99)).toBeNull()
  })

  it('is as new after a day without a window', () => {
    const { recent, pass, batch } = make()
    batch(1, 1, 1)
    pass(86_400_000)
    expect([recent.rate, recent.quantile(0.5)]).toEqual([0, null])
    batch(0.1)
    pass(1000)
    expect([recent.rate, recent.quantile(1)]).toEqual([0.1, expect.closeTo(0.1, 2)])
  })

  it('tells the rate of the seconds that are complete, ten at most', () => {
    const { recent, pass, batch } = make()
    batch(1, 1, 1, 1)
    expect(recent.rate).toBe(0)
    pass(1000)
    expect(recent.rate).toBe(4)
    pass(1000)
    expect(recent.rate).toBe(2)
    for (let i = 0; i < 20; i++) {
      batch(1, 1, 1)
      pass(1000)
    }
    expect(recent.rate).toBe(3)
    pass(5000)
    expect(recent.rate).toBe(1.5)
  })

  it('holds as many windows in a second as come', () => {
    const { recent, pass } = make()
    recent.advance()
    for (let i = 0; i < 200_000; i++) recent.add(i < 1000 ? 0.5 : 0.001)
    pass(1000)
    expect(recent.rate).toBe(200_000)
    expect(recent.quantile(0.99)).toBeCloseTo(0.001, 3)
    expect(recent.quantile(0.9999)).toBeCloseTo(0.5, 1)
  })
})
