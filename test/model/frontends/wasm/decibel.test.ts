import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assemble } from '../../../../src/model/frontends/wasm/assembler.ts'
import { laneDecibel } from '../../../../src/model/frontends/wasm/decibel.ts'
import { instantiate } from '../../../../src/model/frontends/wasm/runtime.ts'

const { memory, call } = instantiate(assemble(1, [laneDecibel(1e-30)]))
const cells = new Float32Array(memory, 0, 4)

describe('laneDecibel', () => {
  it('agrees with Math.log10 over the range of float32', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(1e-29), max: Math.fround(3e38), noNaN: true }), x => {
        cells.fill(x)
        call.decibel(0, 16)
        const expected = 10 * Math.log10(x)
        expect(Math.abs(cells[3] - expected)).toBeLessThanOrEqual(2e-7 * Math.max(1, Math.abs(expected)) + 1e-6)
      }),
      { numRuns: 3000 },
    )
  })

  it('is exact at 1 and does not go below amin', () => {
    cells.set([1, 0, 1e-40, 1e-30])
    call.decibel(0, 16)
    expect(cells[0]).toBe(0)
    for (const lane of [1, 2, 3]) expect(cells[lane]).toBeCloseTo(-300, 3)
  })
})
