import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gammaQuantile, incompleteGamma, logGamma } from '../../src/model/gamma.ts'

const golden = JSON.parse(readFileSync(new URL('../fixtures/model/gamma.json', import.meta.url), 'utf8')) as {
  log_gamma: [number, number][]
  cdf: [number, number, number, number][]
  quantile: [number, number, number, number][]
}

const close = (actual: number, expected: number, relative: number) =>
  Math.abs(actual - expected) <= relative * Math.abs(expected)

describe('gamma distribution against scipy', () => {
  it('agrees on ln Γ', () => {
    const wrong = golden.log_gamma.filter(([a, value]) => Math.abs(logGamma(a) - value) > 1e-12 * Math.max(1, value))
    expect(wrong).toEqual([])
  })

  it('agrees on both tails of the CDF', () => {
    const wrong = golden.cdf.filter(([a, x, lower, upper]) => {
      const ours = incompleteGamma(a, x)
      const ok = (mine: number, theirs: number) => Math.abs(mine - theirs) < 1e-13 || close(mine, theirs, 2e-9)
      return !ok(ours.lower, lower) || !ok(ours.upper, upper)
    })
    expect(wrong).toEqual([])
  })

  it('agrees on quantiles', () => {
    const wrong = golden.quantile.filter(([p, shape, scale, value]) => {
      const ours = gammaQuantile(p, shape, scale)
      return !(close(ours, value, 1e-9) || (value < 1e-300 && ours < 1e-300))
    })
    expect(wrong.map(row => [...row, gammaQuantile(row[0], row[1], row[2])])).toEqual([])
  })

  it('inverts its own CDF', () => {
    const probability = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true })
    const shape = fc.double({ min: 0.1, max: 1000, noNaN: true })
    fc.assert(
      fc.property(probability, shape, (p, a) => {
        expect(incompleteGamma(a, gammaQuantile(p, a, 1)).lower).toBeCloseTo(p, 9)
      }),
    )
  })

  it('gives NaN outside its domain', () => {
    expect([0, 1, Number.NaN].map(p => gammaQuantile(p, 2, 1))).toEqual([Number.NaN, Number.NaN, Number.NaN])
    expect(gammaQuantile(0.5, 0, 1)).toBeNaN()
  })
})
