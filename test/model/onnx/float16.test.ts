import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toFloat16 } from '../../../src/model/onnx/float16.ts'

/** IEEE 754 binary16, by its definition. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}

const FINITE = Array.from({ length: 0x7c00 }, (_, bits) => bits)

describe('toFloat16', () => {
  it('keeps what has 16 bits', () => {
    const all = [...FINITE, 0x7c00, ...FINITE.map(bits => bits | 0x8000), 0xfc00]
    expect([...toFloat16(Float32Array.from(all, halfValue))]).toEqual(all)
    expect(halfValue(toFloat16(Float32Array.of(Number.NaN))[0])).toBeNaN()
  })

  it('takes the even one of two that are as near', () => {
    for (const bits of FINITE.slice(0, -1)) {
      const middle = (halfValue(bits) + halfValue(bits + 1)) / 2
      expect(toFloat16(Float32Array.of(middle))[0]).toBe(bits % 2 === 0 ? bits : bits + 1)
    }
  })

  it('takes the nearest of two', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7bfe }), fc.double({ min: 0, max: 1, noNaN: true }), (bits, part) => {
        const [low, high] = [halfValue(bits), halfValue(bits + 1)]
        const value = Math.fround(low + part * (high - low))
        const [result] = toFloat16(Float32Array.of(-value))
        const other = result === (bits | 0x8000) ? high : low
        expect([bits | 0x8000, (bits + 1) | 0x8000]).toContain(result)
        expect(Math.abs(value + halfValue(result))).toBeLessThanOrEqual(Math.abs(value - other))
      }),
      { numRuns: 2000 },
    )
  })

  it('goes to infinity from half a step above the largest on', () => {
    expect([...toFloat16(Float32Array.of(65519, 65520, -1e30))]).toEqual([0x7bff, 0x7c00, 0xfc00])
  })
})
