import { expect, it } from 'vitest'
import { RateLimit } from '../../../src/stream/websocket/rate.ts'

it('lets so many through at once, and so many a second in the long run', () => {
  const rate = new RateLimit(5, 2, 0)
  const taken = (now: number, times: number) =>
    Array.from({ length: times }, () => rate.take(now)).filter(Boolean).length
  expect(taken(0, 9)).toBe(5)
  expect(taken(400, 9)).toBe(0)
  expect(taken(1000, 9)).toBe(2)
  expect(taken(1_000_000, 9)).toBe(5)
})
