import { describe, expect, it } from 'vitest'
import { giveBack, takeArray } from '../../src/ingest/window-arrays.ts'

describe('takeArray', () => {
  it('gives arrays that came back again, by their length, each to one taker', () => {
    const [a, b] = [takeArray(101), takeArray(101)]
    expect(a).not.toBe(b)
    giveBack(a)
    expect(takeArray(102)).not.toBe(a)
    expect(takeArray(101)).toBe(a)
    expect(takeArray(101)).not.toBe(a)
  })

  it('leaves parts of a larger array alone', () => {
    const part = new Float32Array(206).subarray(0, 103)
    giveBack(part)
    expect(takeArray(103)).not.toBe(part)
  })

  it('keeps no more than 32 MiB of them', () => {
    const quarter = (8 << 20) / 4
    const arrays = Array.from({ length: 5 }, () => takeArray(quarter))
    for (const array of arrays) giveBack(array)
    const again = arrays.map(() => takeArray(quarter))
    const known = again.filter(array => arrays.includes(array)).length
    expect(known).toBeGreaterThanOrEqual(3)
    expect(known).toBeLessThan(5)
  })
})
