import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { driftSchema } from '../../../src/model/drift/config.ts'
import { LevelShift, type LevelShiftChange } from '../../../src/model/drift/level-shift.ts'
import { resolveThreshold } from '../../../src/model/threshold.ts'
import { Detector } from '../../../src/stream/detector.ts'
import { calibrationOf, type ScoreProcess, scoreStream } from './simulate.ts'

const MINUTE = 60
const HOUR = 3600
const plain: ScoreProcess = { family: 'lognormal', correlation: 0.5, spread: 0.3, seed: 1 }

/** A source with a window a second through the detector of the daemon, as the pipeline is to wire it. */
function live(seconds: number, level: (second: number) => number, options: object = {}, process = plain) {
  const calibration = calibrationOf(process)
  const base = resolveThreshold(calibration, { policy: 'percentile', value: 99.5 })
  const shift = new LevelShift(calibration, driftSchema.parse(options))
  const detector = new Detector({ open_after: 2, close_after: 3, cooldown: 0, update_every: 1 })
  const next = scoreStream(process)
  const episodes: { opened: number; closed?: number }[] = []
  const changes: LevelShiftChange[] = []
  for (let i = 0; i < seconds; i++) {
    const [score, time] = [next(level(i)), i * 1000]
    const threshold = shift.threshold(base)
    const above = score > threshold
    const anomalous = above
    const where = { source: 's', id: `s/${i}`, index: i, stream: 's', offset: i, time, duration: 1 }
    const events = detector.push(
      { ...where, score, threshold, anomalous, late: false, latent: new Float32Array(0) },
      shift.holds,
    )
    const opened = events.some(({ type }) => type === 'episode.opened')
    const change = shift.push(score, above, time, opened)
    if (change) changes.push(change)
    const closed = change?.change === 'absorbed' ? detector.end('stopped') : []
    for (const { type } of [...events, ...closed]) {
      if (type === 'episode.opened') {
        episodes.push({ opened: i })
      }
      if (type === 'episode.closed') episodes.at(-1)!.closed = i
    }
  }
  return { episodes, changes, shift, base }
}

describe('LevelShift', () => {
  it.each([1.5, 1.8, 2, 2.5, 3, 5])('makes few episodes of a level of %d', factor => {
    const start = HOUR
    const level = (i: number) => (i < start ? 1 : factor)
    const { episodes, changes } = live(7 * HOUR, level)
    const without = live(7 * HOUR, level, { absorb_after: 0 })
    expect(changes).toMatchObject([{ change: 'absorbed' }])
    expect(changes[0].factor).toBeCloseTo(factor, 0)
    expect(changes[0].time / 1000 - start).toBeLessThan(45 * MINUTE)
    const before = episodes.filter(({ opened }) => opened >= start && opened < changes[0].time / 1000)
    expect(before.length).toBeLessThanOrEqual(8)
    expect(episodes.length).toBeLessThanOrEqual(18)
    if (factor < 3) expect(without.episodes.length).toBeGreaterThan(250)
    expect(without.changes).toEqual([])
  })

  it('changes nothing about anomalies of minutes', () => {
    const level = (i: number) => (i % HOUR > 30 * MINUTE && i % HOUR < 38 * MINUTE ? 6 : 1)
    const [with_, without] = [{}, { absorb_after: 0 }].map(options => live(5 * HOUR, level, options))
    expect(with_.episodes).toEqual(without.episodes)
    expect(with_.changes).toEqual([])
  })

  it.each([15, 30, 60])('leaves open what doubles within %i minutes', minutes => {
    const { changes, episodes } = live(4 * HOUR, i => (i < HOUR ? 1 : 4 * 2 ** ((i - HOUR) / (minutes * MINUTE))))
    expect(changes).toEqual([])
    expect(episodes.at(-1)!.closed).toBeUndefined()
  })

  it('does not count a gap of the feed as time', () => {
    const calibration = calibrationOf(plain)
    const shift = new LevelShift(calibration, driftSchema.parse({}))
    const next = scoreStream(plain)
    for (let i = 0; i < 10 * MINUTE; i++) {
      const time = (i < 5 * MINUTE ? i : i + 3 * HOUR) * 1000
      expect(shift.push(next(5), true, time)).toBeUndefined()
    }
  })

  it('sees anomalies of the new level, and goes back to the threshold when the old level is back', () => {
    const { changes, episodes, shift, base } = live(6 * HOUR, i => {
      if (i < HOUR || i > 4 * HOUR) return i > 5 * HOUR && i < 5 * HOUR + 60 ? 4 : 1
      return i > 3 * HOUR && i < 3 * HOUR + 60 ? 20 : 4
    })
    expect(changes.map(({ change }) => change)).toEqual(['absorbed', 'returned'])
    expect(changes[1].time / 1000 - 4 * HOUR).toBeLessThan(10 * MINUTE)
    for (const at of [3 * HOUR, 5 * HOUR]) {
      expect(episodes.some(({ opened }) => opened >= at && opened < at + 60)).toBe(true)
    }
    expect(shift.threshold(base)).toBe(base)
    expect(shift.factor).toBe(1)
  })

  it('moves thresholds by the level, never down, and in order', () => {
    const { shift, base } = live(3 * HOUR, i => (i < HOUR ? 1 : 3))
    expect(shift.factor).toBeCloseTo(3, 0)
    expect(shift.threshold(base) / base).toBeGreaterThan(2.9)
    const moved = [0.5, 1, 2, 4].map(x => shift.threshold(x * base))
    expect([...moved].sort((a, b) => a - b)).toEqual(moved)
  })

  it('goes on after a restore at any point as if nothing had happened', () => {
    const calibration = calibrationOf(plain)
    const options = driftSchema.parse({ block: 5, block_windows: 5, absorb_after: 120 })
    fc.assert(
      fc.property(fc.nat(1500), fc.double({ min: 1, max: 5, noNaN: true }), (cut, factor) => {
        const next = scoreStream(plain)
        const one = new LevelShift(calibration, options)
        let two = one
        for (let i = 0; i < 1500; i++) {
          if (i === cut) {
            two = new LevelShift(calibration, options)
            two.restore(JSON.parse(JSON.stringify(one.snapshot())))
          }
          const score = next(i < 300 || i > 1000 ? 1 : factor)
          const changes = [...new Set([one, two])].map(shift => {
            const above = score > shift.threshold(2)
            return shift.push(score, above, i * 1000, above && i % 50 === 0) ?? null
          })
          expect(changes.at(-1)).toEqual(changes[0])
          expect(two.holds).toBe(one.holds)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('is not changed by what is no number, and refuses damaged snapshots', () => {
    const { shift } = live(2 * HOUR, i => (i < HOUR ? 1 : 3))
    const before = shift.snapshot()
    expect(shift.push(Number.NaN, true, 1)).toBeUndefined()
    expect(shift.push(1, true, Number.POSITIVE_INFINITY)).toBeUndefined()
    for (const raw of [null, {}, { ...before, version: 9 }, { ...before, stable: {} }, { ...before, opens: [-1] }]) {
      expect(() => shift.restore(raw)).toThrow(expect.objectContaining({ code: 'AUSCULT_STATE' }))
    }
    expect(shift.snapshot()).toEqual(before)
  })
})
