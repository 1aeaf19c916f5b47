import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyMelFilterbank, hzToMel, melFilterbank, melToHz } from '../../../src/model/frontends/mel-filterbank.ts'

const options = { sampleRate: 16_000, nFft: 512, nMels: 20, fmin: 0, fmax: 8000, htk: false, norm: null }

/** `[nMels][bins]` */
const dense = (bank: ReturnType<typeof melFilterbank>, bins: number) => {
  let w = 0
  return Array.from(bank.starts, (start, m) => {
    const row = new Float64Array(bins)
    for (let i = 0; i < bank.lengths[m]; i++) row[start + i] = bank.weights[w++]
    return row
  })
}

describe('mel scale', () => {
  it('has the fixed points of its definitions', () => {
    expect(hzToMel(1000, false)).toBeCloseTo(15, 12)
    expect(hzToMel(6400, false)).toBeCloseTo(42, 12)
    expect(hzToMel(700, true)).toBeCloseTo(2595 * Math.log10(2), 12)
  })

  it('is inverted', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 48_000, noNaN: true }), fc.boolean(), (hz, htk) => {
        expect(melToHz(hzToMel(hz, htk), htk)).toBeCloseTo(hz, 6)
      }),
    )
  })
})

describe('melFilterbank', () => {
  it('makes neighbours add up to 1 between the outer centres when not normalised', () => {
    const rows = dense(melFilterbank(options), 257)
    const peak = (row: Float64Array) => row.indexOf(Math.max(...row))
    for (let k = peak(rows[0]) + 1; k < peak(rows[19]); k++) {
      expect(rows.reduce((sum, row) => sum + row[k], 0)).toBeCloseTo(1, 6)
    }
  })

  it('gives all filters about the same area with norm slaney', () => {
    const rows = dense(melFilterbank({ ...options, norm: 'slaney', nFft: 8192 }), 4097)
    for (const row of rows) expect(row.reduce((a, b) => a + b) * (16_000 / 8192)).toBeCloseTo(1, 2)
  })

  it('leaves filters between two bins empty', () => {
    const bank = melFilterbank({ ...options, nFft: 64, nMels: 64 })
    expect(Math.min(...bank.lengths)).toBe(0)
    const out = new Float32Array(64).fill(-1)
    applyMelFilterbank(bank, new Float64Array(33).fill(1), out, 0)
    for (let m = 0; m < 64; m++) expect(out[m] === 0).toBe(bank.lengths[m] === 0)
  })

  it('stays between fmin and fmax', () => {
    const rows = dense(melFilterbank({ ...options, fmin: 1000, fmax: 4000 }), 257)
    const touched = Array.from({ length: 257 }, (_, k) => k).filter(k => rows.some(row => row[k] > 0))
    expect(touched[0] * 31.25).toBeGreaterThan(1000)
    expect(touched.at(-1)! * 31.25).toBeLessThan(4000)
  })
})
