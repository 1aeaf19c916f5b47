import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrate } from '../../../src/model/calibration.ts'
import { Psi, readPsi } from '../../../src/model/drift/psi.ts'

interface Run {
  keep: number
  bins: number
  scores: number[]
  value: number
  weight: number
}

const golden = JSON.parse(readFileSync(new URL('../../fixtures/drift/golden.json', import.meta.url), 'utf8')).psi
const quantiles: number[] = golden.quantiles
const runs = golden.runs.map((run: Run) => [`${run.bins} bins, ${run.keep}`, run]) as [string, Run][]

describe('Psi', () => {
  it.each(runs)('agrees with numpy (%s)', (_, { keep, bins, scores, value, weight }) => {
    const psi = new Psi(quantiles, bins)
    for (const score of scores) psi.push(score, keep)
    expect(psi.value).toBeCloseTo(value, 9)
    expect(psi.weight).toBeCloseTo(weight, 6)
  })

  it('begins at 0, and is small for scores of the calibration itself', () => {
    const psi = new Psi(quantiles, 10)
    expect(psi.value).toBeCloseTo(0, 12)
    for (let i = 0; i < 1000; i++) psi.push(quantiles[(i * 367) % 1001], 1)
    expect(readPsi(psi.value)).toBe('stable')
  })

  it('grows with the distance', () => {
    const values = [1, 1.1, 1.2, 2, 5].map(factor => {
      const psi = new Psi(quantiles, 10)
      for (const q of quantiles) psi.push(q * factor, 1)
      return psi.value
    })
    expect([...values].sort((a, b) => a - b)).toEqual(values)
    expect(values.map(readPsi)).toEqual(['stable', 'stable', 'slight', 'shifted', 'shifted'])
  })

  it('makes one bin of edges that coincide', () => {
    const tied = calibrate([...new Array(600).fill(1), ...Array.from({ length: 400 }, (_, i) => 2 + i)])
    const psi = new Psi(tied.quantiles, 10)
    expect(psi.bins).toBe(6)
    for (let i = 0; i < 600; i++) psi.push(1, 1)
    for (let i = 0; i < 400; i++) psi.push(2 + i, 1)
    expect(psi.value).toBeLessThan(0.01)
    const flat = new Psi(calibrate([3, 3, 3]).quantiles, 10)
    flat.push(3, 1)
    flat.push(4, 1)
    expect(flat.value).toBeCloseTo(0, 12)
  })

  it('goes on after a restore, is 0 after a reset, and is never NaN', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 40 }), scores => {
        const [one, two] = [new Psi(quantiles, 10), new Psi(quantiles, 10)]
        for (const score of scores) one.push(score, 0.9)
        expect(one.value).toBeGreaterThanOrEqual(-1e-12)
        two.restore(JSON.parse(JSON.stringify(one.snapshot())))
        expect(two.value).toBe(one.value)
        two.reset()
        expect(two.value).toBeCloseTo(0, 12)
      }),
    )
  })

  it('refuses a snapshot with other bins', () => {
    const psi = new Psi(quantiles, 10)
    const code = expect.objectContaining({ code: 'AUSCULT_STATE' })
    expect(() => psi.restore(new Psi(quantiles, 5).snapshot())).toThrow(code)
    expect(() => psi.restore({ version: 1, counts: new Array(10).fill(-1) })).toThrow(code)
  })
})
