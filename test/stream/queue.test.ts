import { describe, expect, it } from 'vitest'
import { capacityOf, queueSchema } from '../../src/stream/queue.ts'

describe('capacityOf', () => {
  const config = queueSchema.parse({})

  it('is the configured number while that fits into memory', () => {
    expect(capacityOf(config, 1, 16_000)).toBe(256)
    expect(capacityOf({ capacity: 3, memory_mb: 512 }, 1000, 16_000)).toBe(3)
  })

  it('shares the memory among many feeds', () => {
    expect(capacityOf(config, 1000, 16_000)).toBe(8)
    expect(capacityOf({ capacity: 256, memory_mb: 64 }, 10, 16_000)).toBe(100)
  })

  it('leaves every feed a place', () => {
    expect(capacityOf(config, 100_000, 16_000)).toBe(1)
  })
})
