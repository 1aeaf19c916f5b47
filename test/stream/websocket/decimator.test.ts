import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Decimator } from '../../../src/stream/websocket/decimator.ts'
import type { Score } from '../../../src/types.ts'

const scoreOf = (time: number, score: number, source = 'mic', anomalous = score > 1): Score => ({
  ...{ source, id: `${source}/a/${time}`, index: 0, stream: 'a', offset: 0, time, duration: 1 },
  ...{ score, threshold: 1, anomalous, late: false, latent: new Float32Array(0) },
})

/** Emissions as `time:score×windows`. */
function make(every: number) {
  const out: string[] = []
  const decimator = new Decimator(every, ({ time, score }, windows) => out.push(`${time}:${score}×${windows}`))
  return { out, decimator }
}

describe('Decimator', () => {
  it('sends the highest of each interval of feed time, with its last window', () => {
    const { out, decimator } = make(1)
    for (const [time, score] of [
      [0, 0.1],
      [250, 0.9],
      [500, 0.3],
      [750, 0.2],
      [1000, 0.4],
      [1250, 0.5],
    ]) {
      decimator.add(scoreOf(time, score), 0)
    }
    expect(out).toEqual(['250:0.9×4'])
  })

  it('sends a score at once where there is one in each interval', () => {
    const { out, decimator } = make(0.5)
    for (const time of [0, 500, 1000, 1500]) decimator.add(scoreOf(time, 0.1), time)
    // The first tells nothing of the pace.
    expect(out).toEqual(['0:0.1×1', '500:0.1×1', '1000:0.1×1', '1500:0.1×1'])
  })

  it('never hides an anomalous window behind one that is not', () => {
    const { out, decimator } = make(1)
    decimator.add(scoreOf(0, 2, 'mic', true), 0)
    decimator.add(scoreOf(300, 5, 'mic', false), 0)
    decimator.add(scoreOf(1300, 0.1), 0)
    expect(out).toEqual(['0:2×2', '1300:0.1×1'])
  })

  it('sends what nothing follows, by the clock', () => {
    const { out, decimator } = make(2)
    decimator.add(scoreOf(100, 0.1), 0)
    decimator.add(scoreOf(200, 0.2), 50)
    decimator.sweep(2900)
    expect(out).toEqual([])
    decimator.sweep(3000)
    expect(out).toEqual(['200:0.2×2'])
  })

  it('goes on by the clock when feed time jumps back', () => {
    const { out, decimator } = make(1)
    decimator.add(scoreOf(3_600_000, 0.1), 0)
    for (let i = 0; i < 80; i++) {
      decimator.add(scoreOf(i * 100, 0.2), i * 100)
      decimator.sweep(i * 100)
    }
    // Two seconds until it is sure, then as before.
    expect(out[0]).toBe('0:0.2×22')
    expect(out.slice(1)).toHaveLength(6)
  })

  it('keeps the pace when windows of two times take turns', () => {
    const { out, decimator } = make(1)
    for (let i = 0; i < 100; i++) decimator.add(scoreOf(i % 2 === 0 ? 1_000_000 + i * 50 : i * 50, i), i * 50)
    expect(out.length).toBeGreaterThan(3)
    expect(out.length).toBeLessThanOrEqual(6)
  })

  it('counts every window once, shows the highest, and keeps to one an interval', () => {
    const windows = fc.array(
      fc.record({
        source: fc.constantFrom('a', 'b'),
        step: fc.constantFrom(0, 100, 250, 333, 500, 3000, -700, -10_000),
        wait: fc.constantFrom(0, 100, 500, 2000),
        score: fc.double({ min: 0, max: 3, noNaN: true }),
      }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(windows, fc.constantFrom(0.3, 0.5, 1, 2), fc.boolean(), (steps, every, backwards) => {
        const sent: { score: Score; windows: number; now: number }[] = []
        let now = 0
        const decimator = new Decimator(every, (score, count) => sent.push({ score, windows: count, now }))
        const time: Record<string, number> = { a: 0, b: 50 }
        const given: Score[] = []
        for (const { source, step, wait, score } of steps) {
          now += wait
          time[source] += backwards ? step : Math.abs(step)
          const one = scoreOf(time[source], score, source)
          given.push(one)
          decimator.sweep(now)
          decimator.add(one, now)
        }
        const swept = sent.length
        now += every * 1000 + 1000
        decimator.sweep(now)
        expect(sent.reduce((sum, { windows: count }) => sum + count, 0)).toBe(given.length)
        // Whoever is the highest of all cannot be hidden.
        for (const source of ['a', 'b']) {
          const all = given.filter(score => score.source === source)
          const most = Math.max(...all.map(({ score }) => score))
          if (all.length > 0)
            expect(sent.some(each => each.score.source === source && each.score.score === most)).toBe(true)
          if (backwards || steps.some(({ wait }) => wait > 0)) continue
          const intervals = sent.slice(0, swept).filter(each => each.score.source === source)
          const distinct = new Set(all.map(({ time }) => Math.floor(time / (every * 1000)))).size
          expect(intervals.length).toBeLessThanOrEqual(distinct)
        }
      }),
    )
  })
})
