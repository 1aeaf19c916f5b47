import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Latest } from '../../../src/ingest/microphone/latest.ts'

describe('Latest', () => {
  it('gives what was pushed in order, less the oldest beyond its capacity', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.boolean(), { maxLength: 60 }),
        async (capacity, steps) => {
          const latest = new Latest<number>(capacity)
          const model: number[] = []
          let pushed = 0
          for (const push of steps) {
            if (push) {
              model.push(pushed)
              const dropped = model.length > capacity ? model.shift() : undefined
              expect(latest.push(pushed++)).toBe(dropped)
            } else if (model.length > 0) {
              expect(await latest.take()).toBe(model.shift())
            }
          }
          latest.close()
          for (const value of model) expect(await latest.take()).toBe(value)
          expect(await latest.take()).toBeUndefined()
        },
      ),
    )
  })

  it('lets its taker wait for a value, or for the end', async () => {
    const latest = new Latest<string>(2)
    const first = latest.take()
    latest.push('a')
    expect(await first).toBe('a')
    const last = latest.take()
    latest.close()
    expect(await last).toBeUndefined()
  })
})
