import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ring } from '../../src/stream/ring.ts'

describe('Ring', () => {
  it('behaves as a bounded list, whatever the order of calls', () => {
    const calls = fc.array(fc.oneof(fc.integer(), fc.constant('shift' as const)), { maxLength: 100 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), calls, (capacity, schedule) => {
        const ring = new Ring<number>(capacity)
        const model: number[] = []
        for (const call of schedule) {
          if (call === 'shift') expect(ring.shift()).toBe(model.shift())
          else if (model.length === capacity) expect(() => ring.push(call)).toThrow(RangeError)
          else {
            ring.push(call)
            model.push(call)
          }
          expect(ring.length).toBe(model.length)
          expect(ring.full).toBe(model.length === capacity)
        }
      }),
    )
  })
})
