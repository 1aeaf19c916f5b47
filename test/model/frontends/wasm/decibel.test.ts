import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assemble } from '../../../../src/model/frontends/wasm/assembler.ts'
import { laneDecibel, laneRefer } from '../../../../src/model/frontends/wasm/decibel.ts'
import { instantiate } from '../../../../src/model/frontends/wasm/runtime.ts'

const { memory, call } = instantiate(assemble(1, [laneDecibel(1e-30, 64), laneRefer()]))
const cells = new Float32Array(memory, 0, 8)
const largest = new Float32Array(memory, 64, 4)

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

  it('is exact at 1, does not go below amin, and takes infinite power as the end of the range', () => {
    cells.set([1, 0, 1e-40, Number.POSITIVE_INFINITY])
    call.decibel(0, 16)
    expect(cells[0]).toBe(0)
    expect(cells[1]).toBeCloseTo(-300, 3)
    expect(cells[2]).toBeCloseTo(-300, 3)
    expect(cells[3]).toBeCloseTo(385.318, 3)
  })

  it('gives the largest of each lane', () => {
    cells.set([1, 10, 1, 10, 100, 1, 0.1, 10])
    call.decibel(0, 32)
    expect([...largest].map(Math.round)).toEqual([20, 10, 0, 10])
  })
})

describe('laneRefer', () => {
  it('raises, then shifts', () => {
    cells.set([0, -10, -20, -30, -40, -50, -60, -70])
    call.refer(0, 32, -25, 5)
    expect([...cells]).toEqual([-5, -15, -25, -30, -30, -30, -30, -30])
    call.refer(0, 16, Number.NEGATIVE_INFINITY, -5)
    expect([...cells]).toEqual([0, -10, -20, -25, -30, -30, -30, -30])
  })
})
