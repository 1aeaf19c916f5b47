import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Portion, splitRecordings } from '../../src/train/split.ts'

const recordings = (...windows: number[]) => windows.map((n, i) => ({ path: `r${i}`, windows: n }))
const options = { validation: 0.1, calibration: 0.2, seed: 0 }
const shares = fc.record({
  validation: fc.constantFrom(0, 0.1, 0.3, 0.5),
  calibration: fc.constantFrom(0.05, 0.2, 0.5),
  seed: fc.nat(),
})

describe('splitRecordings', () => {
  it('uses every window once and leaves no part empty', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 4, max: 30 }), { minLength: 1, maxLength: 20 }), shares, (counts, o) => {
        const split = splitRecordings(recordings(...counts), o)
        const seen = counts.map(() => 0)
        const count = (portions: Portion[]) =>
          portions.reduce((sum, { path, from, to }) => {
            expect(to).toBeGreaterThan(from)
            seen[Number(path.slice(1))] += to - from
            return sum + to - from
          }, 0)
        expect(count(split.train)).toBeGreaterThan(0)
        expect(count(split.calibration)).toBeGreaterThan(0)
        expect(count(split.validation) > 0).toBe(o.validation > 0)
        expect(seen).toEqual(counts)
      }),
    )
  })

  it('splits by file, the same way for the same seed', () => {
    const files = recordings(...Array.from({ length: 20 }, () => 5))
    const split = splitRecordings(files, options)
    expect([split.train, split.validation, split.calibration].map(part => part.length)).toEqual([14, 2, 4])
    expect(splitRecordings(files, options)).toEqual(split)
    expect(splitRecordings(files, { ...options, seed: 1 })).not.toEqual(split)
    expect(split.warning).toBeUndefined()
  })

  it('cuts one recording into contiguous blocks, with a warning', () => {
    const split = splitRecordings(recordings(20), options)
    expect(split.train).toEqual([{ path: 'r0', from: 0, to: 14 }])
    expect(split.validation).toEqual([{ path: 'r0', from: 14, to: 16 }])
    expect(split.calibration).toEqual([{ path: 'r0', from: 16, to: 20 }])
    expect(split.warning).toContain('1 recording')
  })

  it('refuses a recording of too few windows', () => {
    expect(() => splitRecordings(recordings(2), options)).toThrow(
      expect.objectContaining({ code: 'AUSCULT_TRAINING', at: 'r0' }),
    )
  })
})
