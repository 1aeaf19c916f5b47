import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinWindows } from '../../../src/stream/evidence/join.ts'

/** Sample i of a stream. */
const sample = (i: number) => Math.fround(Math.sin(i) + i / 7)

const windowAt = (offset: number, size: number, stream = 'a') => ({
  stream,
  offset,
  data: Float32Array.from({ length: size }, (_, i) => sample(offset + i)),
})

const original = (from: number, to: number) => Float32Array.from({ length: to - from }, (_, i) => sample(from + i))

describe('joinWindows', () => {
  it.each([
    ['side by side', 10],
    ['that overlap by half', 5],
    ['that overlap by more', 3],
  ])('joins windows %s bit by bit', (_, hop) => {
    const windows = [0, 1, 2, 3, 4].map(i => windowAt(100 + i * hop, 10))
    const joined = joinWindows(windows, 2)
    expect(joined).toEqual({ from: 100, samples: original(100, 110 + 4 * hop), gaps: [] })
  })

  it('fills a gap of up to a window with zeros, and says so', () => {
    const { samples, gaps, from } = joinWindows([windowAt(0, 10), windowAt(20, 10), windowAt(25, 10)], 1)
    expect(from).toBe(0)
    expect(gaps).toEqual([{ from: 10, samples: 10 }])
    expect(samples).toEqual(Float32Array.of(...original(0, 10), ...new Float32Array(10), ...original(20, 35)))
  })

  it('leaves out what lies too far away, in another stream or out of order', () => {
    const peak = windowAt(50, 10)
    const alone = { from: 50, samples: original(50, 60), gaps: [] }
    expect(joinWindows([windowAt(29, 10), peak, windowAt(71, 10)], 1)).toEqual(alone)
    expect(joinWindows([windowAt(40, 10, 'b'), peak, windowAt(60, 10, 'b')], 1)).toEqual(alone)
    expect(joinWindows([windowAt(55, 10), peak, windowAt(45, 10)], 1)).toEqual(alone)
    expect(joinWindows([windowAt(40, 10), windowAt(20, 10, 'b'), peak], 2)).toEqual(alone)
  })

  it('gives the original samples wherever they are known, for any steps between windows', () => {
    const steps = fc.array(fc.integer({ min: -30, max: 60 }), { maxLength: 8 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, fc.nat(), (size, hops, pick) => {
        let end = 1000
        const offsets = [end, ...hops.map(hop => (end += hop))]
        const peak = pick % offsets.length
        const { samples, from, gaps } = joinWindows(
          offsets.map(offset => windowAt(offset, size)),
          peak,
        )
        expect(from).toBeLessThanOrEqual(offsets[peak])
        expect(from + samples.length).toBeGreaterThanOrEqual(offsets[peak] + size)
        const isMissing = (i: number) => gaps.some(gap => i >= gap.from && i < gap.from + gap.samples)
        samples.forEach((value, i) => {
          expect(value).toBe(isMissing(i) ? 0 : sample(from + i))
        })
        for (const gap of gaps) expect(gap.samples).toBeLessThanOrEqual(size)
      }),
    )
  })
})
