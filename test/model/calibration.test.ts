import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { calibrate, fitGamma } from '../../src/model/calibration.ts'
import { calibrationSchema } from '../../src/model/manifest.ts'

interface Golden {
  scores: number[]
  gamma: { shape: number; scale: number }
  mean: number
  std: number
  quantiles: Record<string, number>
}

const golden = JSON.parse(readFileSync(new URL('../fixtures/metrics/golden.json', import.meta.url), 'utf8'))
const sets = golden.calibrations.map((c: Golden, i: number) => [i, c]) as [number, Golden][]
const relative = (a: number, b: number) => Math.abs(a - b) / Math.abs(b)

describe('calibrate', () => {
  it.each(sets)('set %i agrees with numpy and scipy', (_, g) => {
    const result = calibrate(g.scores)
    expect(calibrationSchema.safeParse(result).success).toBe(true)
    expect(result.count).toBe(g.scores.length)
    expect(relative(result.mean, g.mean)).toBeLessThan(1e-12)
    expect(relative(result.std, g.std)).toBeLessThan(1e-12)
    expect(relative(result.gamma.shape, g.gamma.shape)).toBeLessThan(1e-6)
    expect(relative(result.gamma.scale, g.gamma.scale)).toBeLessThan(1e-6)
    for (const [index, value] of Object.entries(g.quantiles)) {
      expect(relative(result.quantiles[Number(index)], value)).toBeLessThan(1e-12)
    }
  })

  it('interpolates between two windows', () => {
    const { quantiles } = calibrate([3, 1])
    expect([quantiles[0], quantiles[250], quantiles[1000]]).toEqual([1, 1.5, 3])
  })

  it('gives a finite distribution for equal and for zero scores', () => {
    const { shape, scale } = fitGamma([0.5, 0.5, 0.5])
    expect(shape * scale).toBeCloseTo(0.5, 9)
    for (const value of Object.values(fitGamma([0, 0, 1]))) expect(Number.isFinite(value)).toBe(true)
    for (const value of Object.values(fitGamma([0, 0]))) expect(Number.isFinite(value)).toBe(true)
  })

  it('refuses no scores and scores that are not finite', () => {
    expect(() => calibrate([])).toThrow(expect.objectContaining({ code: 'AUSCULT_TRAINING' }))
    expect(() => calibrate([1, Number.NaN])).toThrow(expect.objectContaining({ code: 'AUSCULT_TRAINING' }))
  })
})
