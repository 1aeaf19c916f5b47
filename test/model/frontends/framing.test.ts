import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copyPadded, type FramingOptions, frameCount, hannWindow } from '../../../src/model/frontends/framing.ts'

const options = (changes: Partial<FramingOptions>): FramingOptions => ({
  nFft: 8,
  hopLength: 4,
  winLength: 8,
  center: false,
  padMode: 'constant',
  ...changes,
})

const padded = (signal: number[], from: number, count: number, padMode: FramingOptions['padMode']) => {
  const to = new Float32Array(count).fill(99)
  copyPadded(Float32Array.from(signal), from, count, padMode, to)
  return [...to]
}

describe('frameCount', () => {
  it('counts whole frames only', () => {
    expect([7, 8, 11, 12].map(n => frameCount(n, options({})))).toEqual([0, 1, 1, 2])
  })

  it('counts a frame centred on the first sample of each hop', () => {
    expect([1, 3, 4, 8].map(n => frameCount(n, options({ center: true })))).toEqual([1, 1, 2, 3])
  })
})

describe('hannWindow', () => {
  it('is periodic and centred', () => {
    expect([...hannWindow(options({ winLength: 4 }))].map(x => Math.round(x * 1e9) / 1e9)).toEqual([
      0, 0, 0, 0.5, 1, 0.5, 0, 0,
    ])
  })

  it('adds up to 1 at half overlap', () => {
    const w = hannWindow(options({ nFft: 64, winLength: 64 }))
    for (let i = 0; i < 32; i++) expect(w[i] + w[i + 32]).toBeCloseTo(1, 12)
  })
})

describe('copyPadded', () => {
  it('pads with zeros', () => {
    expect(padded([1, 2, 3], -2, 7, 'constant')).toEqual([0, 0, 1, 2, 3, 0, 0])
  })

  it('mirrors without repeating the edge, as often as needed', () => {
    expect(padded([1, 2, 3], -5, 13, 'reflect')).toEqual([2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2])
    expect(padded([7], -2, 5, 'reflect')).toEqual([7, 7, 7, 7, 7])
  })

  it('gives the same values piece by piece as in one copy', () => {
    const pieces = fc.record({
      signal: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 20 }),
      from: fc.integer({ min: -40, max: 40 }),
      count: fc.integer({ min: 0, max: 40 }),
      padMode: fc.constantFrom('constant' as const, 'reflect' as const),
    })
    fc.assert(
      fc.property(pieces, ({ signal, from, count, padMode }) => {
        const one = Array.from({ length: count }, (_, i) => padded(signal, from + i, 1, padMode)[0])
        expect(padded(signal, from, count, padMode)).toEqual(one)
      }),
    )
  })
})
