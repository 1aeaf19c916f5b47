import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RecentScore, RecentScores } from '../../src/stream/recent-scores.ts'
import type { Score } from '../../src/types.ts'

const windowAt = (time: number, score = 0.5, source = 'pump', threshold = 1): Score => ({
  ...{ source, id: `${source}/a/${time}`, index: 0, stream: 'a', offset: 0, time, duration: 0.5 },
  ...{ score, threshold, anomalous: score > threshold, late: false, latent: new Float32Array(2) },
})

const everything = { seconds: 1e9, points: 1e6 }
const windowsOf = (scores: readonly RecentScore[]) => scores.reduce((sum, { windows }) => sum + windows, 0)

describe('RecentScores', () => {
  it('knows nothing of a source that never scored', () => {
    expect(new RecentScores().of('pump', everything)).toEqual([])
  })

  it('gives the latest windows as they were, oldest first', () => {
    const recent = new RecentScores()
    for (let i = 0; i < 200; i++) recent.score(windowAt(i * 500, i === 7 ? 2 : 0.5))
    const scores = recent.of('pump', { seconds: 10, points: 600 })
    expect(scores.map(({ time }) => time)).toEqual(Array.from({ length: 21 }, (_, i) => (179 + i) * 500))
    expect(recent.of('pump', { seconds: 600, points: 600 })[7]).toEqual({
      ...{ time: 3500, duration: 0.5, score: 2, threshold: 1, anomalous: true, windows: 1 },
    })
  })

  it('keeps more than two hours at two windows a second, the last two minutes in full', () => {
    const recent = new RecentScores()
    for (let i = 0; i < 40_000; i++) recent.score(windowAt(i * 500))
    const scores = recent.of('pump', everything)
    expect(scores.at(-1)!.time - scores[0].time).toBeGreaterThan(2 * 3600_000)
    expect(scores.slice(-250).every(({ windows }) => windows === 1)).toBe(true)
    expect(recent.of('pump', { seconds: 600, points: 600 }).length).toBeGreaterThan(450)
    expect(recent.entries).toBeLessThanOrEqual(6 * 256)
  })

  it('counts every window of the time that it holds, and hides no anomalous one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ score: fc.double({ min: 0, max: 4, noNaN: true }), threshold: fc.constantFrom(1, 3) }), {
          minLength: 1,
          maxLength: 300,
        }),
        fc.integer({ min: 1, max: 40 }),
        (windows, points) => {
          // Levels of four entries: 252 windows at most are held.
          const recent = new RecentScores({ mostEntries: 24 })
          const all = windows.map(({ score, threshold }, i) => windowAt(i * 1000, score, 'pump', threshold))
          for (const window of all) recent.score(window)
          const scores = recent.of('pump', { seconds: 1e6, points })
          expect(scores.length).toBeLessThanOrEqual(points)
          const held = all.slice(-windowsOf(scores))
          expect(windowsOf(scores)).toBeGreaterThanOrEqual(Math.min(all.length, 120))
          let from = 0
          for (const entry of scores) {
            const span = held.slice(from, from + entry.windows)
            from += entry.windows
            const worst = span.filter(({ anomalous }) => anomalous)
            const among = worst.length > 0 ? worst : span
            expect(entry.anomalous).toBe(worst.length > 0)
            expect(entry.score).toBe(Math.max(...among.map(({ score }) => score)))
            expect(span.map(({ time }) => time)).toContain(entry.time)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('stays within its memory, however many sources there are, and forgets the one that was silent for longest', () => {
    const recent = new RecentScores({ mostEntries: 6000, mostSources: 200 })
    for (let i = 0; i < 300; i++) {
      for (let j = 0; j < 40; j++) recent.score(windowAt(j * 1000, 0.5, `s${i}`))
      recent.score(windowAt(41_000 + i, 0.5, 's0'))
      expect(recent.entries).toBeLessThanOrEqual(6000)
    }
    const known = Array.from({ length: 300 }, (_, i) => i).filter(i => recent.of(`s${i}`, everything).length > 0)
    expect(known).toHaveLength(200)
    expect(known.slice(0, 2)).toEqual([0, 101])
  })

  it('leaves out what a wrong clock put far away, and sorts what came late', () => {
    const recent = new RecentScores()
    for (const time of [1000, 2000, 86_400_000, 4000, 3000]) recent.score(windowAt(time))
    expect(recent.of('pump', { seconds: 600, points: 600 }).map(({ time }) => time)).toEqual([1000, 2000, 3000, 4000])
  })
})
