import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fragmentOffsets } from '../../src/train/fragments.ts'

const fixed = { position: 'fixed', per_file: null, hop_seconds: null } as const
const random = { position: 'random', per_file: null, hop_seconds: null } as const

describe('fragmentOffsets', () => {
  it('tiles a sound, with a hop of one window unless another is given', () => {
    expect(fragmentOffsets(100, 30, 10, fixed, [0])).toEqual([0, 30, 60])
    expect(fragmentOffsets(100, 30, 10, { ...fixed, hop_seconds: 2.5 }, [0])).toEqual([0, 25, 50])
    expect(fragmentOffsets(100, 30, 10, { ...fixed, per_file: 1 }, [0])).toEqual([0])
  })

  it('takes frames one by one', () => {
    expect(fragmentOffsets(4, 1, null, { ...fixed, hop_seconds: 9 }, [0])).toEqual([0, 1, 2, 3])
    expect(new Set(fragmentOffsets(9, 1, null, { ...random, per_file: 5 }, [0])).size).toBe(5)
  })

  it('stays inside the file, ascending, the same for the same seed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.nat({ max: 2000 }),
        fc.option(fc.integer({ min: 1, max: 40 })),
        fc.constantFrom('fixed', 'random'),
        fc.nat(),
        (size, extra, per_file, position, seed) => {
          const fragments = { position: position as 'fixed' | 'random', per_file, hop_seconds: null }
          const offsets = fragmentOffsets(size + extra, size, 100, fragments, [seed])
          expect(offsets.length).toBeGreaterThan(0)
          if (per_file) expect(offsets.length).toBeLessThanOrEqual(per_file)
          for (const offset of offsets) expect(offset >= 0 && offset <= extra).toBe(true)
          expect([...offsets].sort((a, b) => a - b)).toEqual(offsets)
          expect(fragmentOffsets(size + extra, size, 100, fragments, [seed])).toEqual(offsets)
        },
      ),
    )
  })
})
