import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readResumePoints, writeResumePoints } from '../../../src/ingest/kafka/resume-points.ts'

const point = fc.record({
  segment: fc.option(fc.nat().map(String)),
  position: fc.nat(),
  ended: fc.double({ min: 1, max: 8e15, noNaN: true }),
  sequence: fc.option(fc.nat()),
  first: fc.option(fc.nat()),
})
const key = fc.oneof(
  fc.constant(undefined),
  fc.uint8Array({ maxLength: 30 }).map(bytes => Buffer.from(bytes).toString('latin1')),
)
const points = fc.uniqueArray(fc.tuple(key, point), { selector: ([name]) => name ?? null, maxLength: 40 })

describe('resume points', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(points, all => {
        const { points: back, complete } = readResumePoints(writeResumePoints(all, 1e6))
        expect(complete).toBe(true)
        expect(new Map(back)).toEqual(new Map(all))
      }),
    )
  })

  it('keep within their room, those that spoke last first, and say when some were left out', () => {
    fc.assert(
      fc.property(points, fc.nat(2000), (all, room) => {
        const text = writeResumePoints(all, room)
        if (text === null) return
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(room)
        const { points: back, complete } = readResumePoints(text)
        expect(complete).toBe(back.length === all.length)
        const left = all.filter(([name]) => !back.some(([kept]) => kept === name))
        const oldest = Math.min(...back.map(([, { ended }]) => ended!))
        for (const [, { ended }] of left) expect(ended).toBeLessThanOrEqual(oldest)
      }),
    )
  })

  it('are none where there is nothing to write', () => {
    expect(writeResumePoints([], 4096)).toBeNull()
    expect(writeResumePoints([['a', undefined]], 4096)).toBeNull()
    expect(readResumePoints(null)).toEqual({ points: [], complete: true })
    expect(readResumePoints('')).toEqual({ points: [], complete: true })
  })

  it('of someone else count as none, and no text breaks the reader', () => {
    expect(readResumePoints('{"v":2,"k":[]}')).toEqual({ points: [], complete: false })
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), text => void readResumePoints(text)))
  })
})
