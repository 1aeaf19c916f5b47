import { describe, expect, it } from 'vitest'
import { type DecibelOptions, powerToDb } from '../../../src/model/frontends/power-to-db.ts'

const convert = (values: number[], changes: Partial<DecibelOptions> = {}) => {
  const options = { ref: 1, amin: 1e-10, topDb: null, ...changes } as const
  const array = Float32Array.from(values)
  powerToDb(array, options, 0, array.length)
  return [...array].map(value => Math.round(value * 1e3) / 1e3)
}

describe('power to dB', () => {
  it('takes 10·log10, not below amin', () => {
    expect(convert([1, 10, 0.001, 0, 1e-20])).toEqual([0, 10, -30, -100, -100])
  })

  it('subtracts a reference, or the largest', () => {
    expect(convert([1, 10, 100], { ref: 10 })).toEqual([-10, 0, 10])
    expect(convert([1, 10, 100], { ref: 'max' })).toEqual([-20, -10, 0])
  })

  it('takes a reference below amin as amin', () => {
    expect(convert([1], { ref: 1e-20 })).toEqual([100])
  })

  it('raises what is more than top_db below the largest', () => {
    expect(convert([1, 10, 1000], { topDb: 25 })).toEqual([5, 10, 30])
    expect(convert([1, 10, 1000], { topDb: 25, ref: 'max' })).toEqual([-25, -20, 0])
    expect(convert([1, 10, 1000], { topDb: 0 })).toEqual([30, 30, 30])
  })

  it('stays finite', () => {
    expect(convert([Number.POSITIVE_INFINITY])).toEqual([385.318])
  })

  it('touches the given range only', () => {
    const array = Float32Array.of(10, 10, 10, 1e9)
    powerToDb(array, { ref: 'max', amin: 1e-10, topDb: 1 }, 1, 2)
    expect([...array]).toEqual([10, 0, 10, 1e9])
  })
})
