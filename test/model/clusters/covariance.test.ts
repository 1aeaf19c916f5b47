import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diagonal } from '../../../src/model/clusters/covariance/diagonal.ts'
import { full } from '../../../src/model/clusters/covariance/full.ts'
import { seeded } from '../../../src/random.ts'
import { difference } from './golden.ts'

const D = 6
const kinds = [
  ['diagonal', diagonal],
  ['full', full],
] as const

describe.each(kinds)('a %s covariance', (_, kind) => {
  const covarianceOf = (seed: number) => {
    const random = seeded(seed)
    const covariance = new Float64Array(kind.size(D))
    kind.regularize(covariance, 0, D, 0.5)
    for (let i = 0; i < 10; i++)
      kind.accumulate(
        covariance,
        0,
        Float64Array.from({ length: D }, () => random.normal()),
        0.1,
      )
    return covariance
  }
  const factorOf = (covariance: Float64Array, at = 3) => {
    const factors = new Float64Array(at + kind.width(D))
    expect(kind.factorize(covariance, D, factors, at)).toBe(true)
    return factors
  }
  const squared = (factors: Float64Array, delta: Float64Array, bound = Number.POSITIVE_INFINITY) =>
    kind.squaredMahalanobis(factors, 3, delta, 0, new Float64Array(D), 0, D, bound, new Float64Array(D))

  it('comes back from its factor', () => {
    fc.assert(
      fc.property(fc.nat(), seed => {
        const covariance = covarianceOf(seed)
        expect(difference(kind.expand(factorOf(covariance), 3, D), covariance)).toBeLessThan(1e-12)
      }),
    )
  })

  it('learns as its definition says', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0.001, max: 0.9, noNaN: true }), (seed, rate) => {
        const random = seeded(seed, 1)
        const delta = Float64Array.from({ length: D }, () => 3 * random.normal())
        const expected = covarianceOf(seed)
        const factors = factorOf(expected)
        kind.accumulate(expected, 0, delta, rate)
        kind.learn(factors, 3, delta.slice(), rate, 0)
        const learned = kind.expand(factors, 3, D)
        expect(
          difference(
            learned,
            expected.map(value => (1 - rate) * value),
          ),
        ).toBeLessThan(1e-10)
        const fresh = factorOf(learned)
        expect(squared(factors, delta)).toBeCloseTo(squared(fresh, delta), 8)
        expect(kind.halfLogDeterminant(factors, 3, D)).toBeCloseTo(kind.halfLogDeterminant(fresh, 3, D), 10)
      }),
    )
  })

  it('scales, gives up beyond a bound, and keeps variances above a floor', () => {
    const factors = factorOf(covarianceOf(5))
    const delta = new Float64Array(D).fill(2)
    const scaled = new Float64Array(3 + kind.width(D))
    kind.scale(factors.subarray(3), scaled, 3, D, 4)
    expect(squared(scaled, delta)).toBeCloseTo(squared(factors, delta) / 16, 10)
    const some = squared(factors, delta, 0.1)
    expect(some).toBeGreaterThan(0.1)
    expect(some).toBeLessThanOrEqual(squared(factors, delta))
    for (let i = 0; i < 500; i++) kind.learn(factors, 3, new Float64Array(D), 0.5, 1e-4)
    expect(squared(factors, delta)).toBeLessThanOrEqual(4 * D * 1e4 * (1 + 1e-9))
  })

  it('says when it is not positive definite', () => {
    expect(kind.factorize(new Float64Array(kind.size(D)), D, new Float64Array(kind.width(D)), 0)).toBe(false)
  })
})
