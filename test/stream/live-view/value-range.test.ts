import { describe, expect, it } from 'vitest'
import { seeded } from '../../../src/random.ts'
import { ValueRange } from '../../../src/stream/live-view/value-range.ts'

const random = seeded(1)
const noise = (low: number, high: number, n = 4000) =>
  Float64Array.from({ length: n }, () => low + (high - low) * random.uniform())
const picture = (features: Float64Array) => ({ features, reconstruction: features })

describe('ValueRange', () => {
  it('holds nearly all of the first picture, and stays as it is while pictures are alike', () => {
    const range = new ValueRange()
    range.take(picture(noise(-60, -20)))
    const { low, high } = range
    expect(low).toBeGreaterThan(-64)
    expect(low).toBeLessThan(-58)
    expect(high).toBeGreaterThan(-21)
    expect(high).toBeLessThan(-17)
    for (let i = 0; i < 300; i++) {
      range.take(picture(noise(-60, -20)))
      expect([range.low, range.high]).toEqual([low, high])
    }
  })

  it('goes half of the way to louder values with each picture, and comes back slowly', () => {
    const range = new ValueRange()
    range.take(picture(noise(-60, -20)))
    const heights = Array.from({ length: 8 }, () => {
      range.take(picture(noise(-60, 20)))
      return range.high
    })
    expect(heights[0]).toBeGreaterThan(-5)
    expect(heights[0]).toBeLessThan(5)
    expect(heights[7]).toBeGreaterThan(15)
    for (let i = 1; i < 8; i++) expect(heights[i]).toBeGreaterThanOrEqual(heights[i - 1])
    let changes = 0
    for (let i = 0; i < 300; i++) {
      const before = range.high
      range.take(picture(noise(-60, -20)))
      if (range.high !== before) changes++
      if (i < 10) expect(range.high).toBeGreaterThan(15)
    }
    expect(range.high).toBeLessThan(0)
    expect(changes).toBeLessThan(5)
  })

  it('is not spoilt by a single extreme, by silence, or by what is no number', () => {
    const range = new ValueRange()
    const spiked = noise(0, 1)
    spiked[7] = 1e9
    range.take(picture(spiked))
    expect(range.high).toBeLessThan(1.2)
    const silent = new ValueRange()
    silent.take(picture(new Float64Array(100).fill(Number.NaN)))
    expect(silent.low).toBeNaN()
    silent.take(picture(new Float64Array(100)))
    expect(silent.high).toBeGreaterThan(silent.low)
    for (let i = 0; i < 60; i++) silent.take(picture(noise(0, 1)))
    expect(silent.high).toBeGreaterThan(0.9)
    expect(silent.high).toBeLessThan(1.5)
  })

  it('shows a few hits on a dark frame', () => {
    const range = new ValueRange()
    const frame = new Float64Array(65_536)
    frame[1000] = 40
    range.take({ features: frame, reconstruction: new Float64Array(65_536) })
    expect(range.high).toBeGreaterThanOrEqual(40)
  })
})
