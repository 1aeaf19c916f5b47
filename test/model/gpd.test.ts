import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fitGpd, gpdExcess } from '../../src/model/gpd.ts'

interface Fit {
  excesses: number[]
  shape: number
  scale: number
  /** Of genpareto.fit, whose simplex stops at 1e-4. */
  scipy: [number, number]
}

const golden = JSON.parse(readFileSync(new URL('../fixtures/spot/golden.json', import.meta.url), 'utf8'))
const fits = golden.fits.map((fit: Fit) => [fit.excesses.length, fit]) as [number, Fit][]

describe('fitGpd', () => {
  it.each(fits)('agrees with scipy on %i excesses', (_, { excesses, shape, scale, scipy }) => {
    const fit = fitGpd(excesses)
    expect(fit.shape).toBeCloseTo(shape, 6)
    expect(fit.scale / scale).toBeCloseTo(1, 6)
    expect(fit.shape).toBeCloseTo(scipy[0], 3)
    expect(fit.scale / scipy[1]).toBeCloseTo(1, 3)
  })

  it('does not depend on the unit', () => {
    const [, { excesses }] = fits[0]
    const fit = fitGpd(excesses)
    for (const unit of [1e-9, 1e9]) {
      const other = fitGpd(excesses.map(x => x * unit))
      expect(other.shape).toBeCloseTo(fit.shape, 6)
      expect(other.scale / unit / fit.scale).toBeCloseTo(1, 6)
    }
  })

  it.each([[[1]], [[2, 2, 2]], [[1e-12, 1]], [[1, 1, 1, 1e6]]])('gives a distribution for %j', excesses => {
    const { shape, scale } = fitGpd(excesses)
    expect(Number.isFinite(shape)).toBe(true)
    expect(scale).toBeGreaterThan(0)
  })
})

describe('gpdExcess', () => {
  it('is the quantile of the distribution (scipy.stats.genpareto.isf)', () => {
    expect(gpdExcess({ shape: 0.3, scale: 2 }, 0.01)).toBeCloseTo(19.873811370233145, 10)
    expect(gpdExcess({ shape: -0.2, scale: 2 }, 0.01)).toBeCloseTo(6.018928294465028, 10)
    expect(gpdExcess({ shape: 0, scale: 2 }, 0.01)).toBeCloseTo(9.210340371976182, 10)
    expect(gpdExcess({ shape: 1e-9, scale: 2 }, 0.01)).toBeCloseTo(9.210340371976182, 6)
  })
})
