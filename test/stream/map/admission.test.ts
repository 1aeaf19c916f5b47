import { describe, expect, it } from 'vitest'
import { Admission } from '../../../src/stream/map/admission.ts'

/** Windows that are taken of each source, in `seconds` in which each gives `perSecond` of them in turn. */
function play(admission: Admission, sources: Record<string, boolean>, perSecond: number, seconds: number, from = 0) {
  const taken = Object.fromEntries(Object.keys(sources).map(name => [name, 0]))
  for (let i = 0; i < perSecond * seconds; i++) {
    for (const [name, anomalous] of Object.entries(sources)) {
      if (admission.take(name, anomalous, from + (1000 * i) / perSecond)) taken[name]++
    }
  }
  return taken
}

describe('Admission', () => {
  it.each([0.5, 1, 20, 300])('takes %d a second, however many come', rate => {
    const seconds = rate < 1 ? 200 : 20
    const { a } = play(new Admission(rate), { a: false }, 1000, seconds)
    expect(a).toBeGreaterThanOrEqual(0.85 * rate * seconds)
    expect(a).toBeLessThanOrEqual(rate * (seconds + 1) + 1)
    const { b } = play(new Admission(rate), { b: true }, 1000, seconds)
    expect(b).toBeLessThanOrEqual(rate * (seconds + 1) + 1)
  })

  it('takes all where they are few', () => {
    expect(play(new Admission(20), { a: false }, 4, 10)).toEqual({ a: 40 })
  })

  it('gives each source its share, whatever their order', () => {
    const sources = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`s${i}`, false]))
    const taken = Object.values(play(new Admission(20), sources, 4, 60))
    expect(Math.min(...taken)).toBeGreaterThanOrEqual(15)
    expect(Math.max(...taken)).toBeLessThanOrEqual(30)
  })

  it('has tokens left for anomalous windows', () => {
    const admission = new Admission(20)
    const normal = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`s${i}`, false]))
    play(admission, normal, 10, 10)
    const at = 10_000
    const left = Object.keys(normal).filter(name => admission.take(name, false, at))
    expect(left.length).toBeLessThanOrEqual(2)
    const taken = Array.from({ length: 20 }, () => admission.take('fault', true, at)).filter(Boolean)
    expect(taken.length).toBeGreaterThanOrEqual(10)
    expect(taken.length).toBeLessThan(20)
  })

  it('lets anomalous windows go before normal ones', () => {
    const taken = play(new Admission(20), { bad: true, good: false }, 100, 20)
    expect(taken.bad).toBeGreaterThan(390)
    expect(taken.good).toBeLessThan(15)
  })

  it('does not count sources that are gone', () => {
    const admission = new Admission(10)
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`s${i}`, false]))
    play(admission, many, 1, 1)
    play(admission, { left: false }, 1, 130, 1000)
    expect(play(admission, { left: false }, 10, 10, 131_000).left).toBeGreaterThan(80)
  })

  it('stands a clock that jumps', () => {
    const admission = new Admission(5)
    play(admission, { a: false }, 10, 5, 1e12)
    expect(play(admission, { a: false }, 10, 5, 0).a).toBeLessThanOrEqual(30)
    expect(play(admission, { a: true }, 10, 5, 10_000).a).toBeGreaterThanOrEqual(20)
  })
})
