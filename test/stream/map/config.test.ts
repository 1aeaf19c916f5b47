import { describe, expect, it } from 'vitest'
import { mapSchema } from '../../../src/stream/map/config.ts'

describe('mapSchema', () => {
  it('has defaults, and bounds', () => {
    expect(mapSchema.parse({})).toEqual({ enabled: true, rate: 20 })
    for (const bad of [{ rate: 0 }, { rate: 2000 }, { more: 1 }]) expect(mapSchema.safeParse(bad).success).toBe(false)
  })
})
