import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SourceWatch } from '../../../src/stream/evidence/source-watch.ts'
import { WindowMemory } from '../../../src/stream/evidence/window-memory.ts'

const scored = (index: number, score: number) => ({
  source: 'a',
  id: String(index),
  index,
  stream: 's',
  offset: index,
  time: index * 1000,
  duration: 1,
  score,
  threshold: 1,
  anomalous: score > 1,
  late: false,
  latent: new Float32Array(1),
})

describe('SourceWatch', () => {
  it('keeps the worst of each streak with what surrounds it, and gives all back', () => {
    const scores = fc.array(fc.constantFrom<number>(0, 0.5, 2, 3, 4, 5, 6), { maxLength: 60 })
    const sides = fc.integer({ min: 0, max: 4 })
    fc.assert(
      fc.property(scores, sides, sides, (all, before, after) => {
        const memory = new WindowMemory(1, 4000)
        const watch = new SourceWatch({ memory, before, after })
        all.forEach((score, i) => {
          watch.observe(scored(i, score), Float32Array.of(i), before)
        })
        const streaks = all.flatMap((score, i) => (score > 1 && !(all[i - 1] > 1) ? [i] : []))
        expect(watch.streaks.map(({ firstEnd }) => firstEnd)).toEqual(streaks.map(i => i * 1000 + 1000))
        watch.streaks.forEach(({ around, peakScore }, n) => {
          let end = streaks[n]
          while (all[end] > 1) end++
          const worst = Math.max(...all.slice(streaks[n], end))
          const peak = all.indexOf(worst, streaks[n])
          expect(peakScore).toBe(worst)
          expect(around!.peak.id).toBe(String(peak))
          const from = Math.max(0, peak - before)
          const ids = Array.from({ length: Math.min(all.length, peak + after + 1) - from }, (_, i) => from + i)
          expect(around!.windows.map(({ data }) => data[0])).toEqual(ids)
          expect(around!.marks.map(({ score }) => score)).toEqual(all.slice(Math.max(0, peak - 20), peak + 21))
        })
        watch.clear()
        expect(memory.used).toBe(0)
      }),
    )
  })
})

describe('WindowMemory', () => {
  it('copies windows while there is room, the last quarter only for the worst', () => {
    const memory = new WindowMemory(2, 4 * 2 * 4)
    expect(memory.capacity).toBe(4)
    const window = Float32Array.of(1, 2)
    const kept = [1, 2, 3].map(() => memory.keep(window, false))
    window.fill(0)
    expect(kept).toEqual([1, 2, 3].map(() => Float32Array.of(1, 2)))
    expect(memory.keep(window, false)).toBeUndefined()
    expect(memory.keep(window, true)).toBeDefined()
    expect(memory.keep(window, true)).toBeUndefined()
    memory.giveBack(kept[0]!)
    expect(memory.keep(window, true)).toBe(kept[0])
    expect(new WindowMemory(1000, 10).capacity).toBe(1)
  })
})
