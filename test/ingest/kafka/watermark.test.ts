import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Watermark } from '../../../src/ingest/kafka/watermark.ts'

describe('Watermark', () => {
  it('stands at the first message that is not done', () => {
    const watermark = new Watermark(10)
    expect(watermark.committable).toBe(10)
    for (const offset of [10, 11, 12]) watermark.begin(offset)
    watermark.release(11)
    expect([watermark.committable, watermark.position]).toEqual([10, 13])
    watermark.release(10)
    expect(watermark.committable).toBe(12)
    watermark.release(12)
    expect(watermark.committable).toBe(13)
  })

  it('passes over offsets that the log does not have', () => {
    const watermark = new Watermark(0)
    watermark.begin(5)
    watermark.begin(9)
    watermark.release(5)
    expect(watermark.committable).toBe(9)
    watermark.release(9)
    expect(watermark.committable).toBe(10)
    watermark.skipTo(20)
    watermark.skipTo(15)
    expect(watermark.committable).toBe(20)
  })

  it('waits for every hold of a message', () => {
    const watermark = new Watermark(0)
    watermark.begin(0)
    watermark.hold(0)
    watermark.hold(0)
    watermark.release(0)
    watermark.release(0)
    expect(watermark.committable).toBe(0)
    watermark.release(0)
    expect(watermark.committable).toBe(1)
  })

  it('holds a message again that nothing holds any more, as long as it is not passed', () => {
    const watermark = new Watermark(0)
    for (let offset = 0; offset < 100; offset++) watermark.begin(offset)
    for (let offset = 1; offset < 100; offset++) watermark.release(offset)
    watermark.hold(40)
    watermark.hold(20)
    watermark.release(0)
    expect(watermark.committable).toBe(20)
    watermark.release(20)
    expect(watermark.committable).toBe(40)
    expect(() => watermark.hold(39)).toThrow(RangeError)
    expect(() => watermark.hold(100)).toThrow(RangeError)
    watermark.release(40)
    expect(watermark.committable).toBe(100)
  })

  it('refuses what cannot be', () => {
    const watermark = new Watermark(0)
    watermark.begin(3)
    expect(() => watermark.begin(3)).toThrow(RangeError)
    expect(() => watermark.hold(2)).toThrow(RangeError)
    watermark.release(3)
    expect(() => watermark.release(3)).toThrow(RangeError)
  })

  it('never passes a message that is held, and passes all that are not', () => {
    const step = fc.record({
      kind: fc.constantFrom('begin', 'begin', 'hold', 'release', 'release', 'skip'),
      n: fc.nat(1000),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), fc.nat(100), (steps, start) => {
        const watermark = new Watermark(start)
        const holds = new Map<number, number>()
        let next = start
        for (const { kind, n } of steps) {
          const held = [...holds.keys()]
          const one = held[n % held.length]
          if (kind === 'begin') {
            const offset = next + (n % 3)
            watermark.begin(offset)
            holds.set(offset, 1)
            next = offset + 1
          } else if (kind === 'skip') {
            next = Math.max(next, next + (n % 3) - 1)
            watermark.skipTo(next)
          } else if (one !== undefined) {
            watermark[kind as 'hold' | 'release'](one)
            const count = holds.get(one)! + (kind === 'hold' ? 1 : -1)
            if (count > 0) holds.set(one, count)
            else holds.delete(one)
          }
          expect(watermark.committable).toBe(Math.min(next, ...holds.keys()))
          expect(watermark.held).toBe(holds.size)
          expect(watermark.position).toBe(next)
        }
      }),
    )
  })
})
