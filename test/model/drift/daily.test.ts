import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../../src/config.ts'
import { DailyBaseline, dailySchema } from '../../../src/model/drift/daily.ts'
import { resolveThreshold } from '../../../src/model/threshold.ts'
import { calibrationOf, type ScoreProcess, scoreStream } from './simulate.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const plain: ScoreProcess = { family: 'lognormal', correlation: 0.5, spread: 0.2, seed: 2 }
const calibration = calibrationOf(plain)
const base = resolveThreshold(calibration, { policy: 'percentile', value: 99.5 })
/** Twice as high at noon as at midnight. */
const level = (time: number) => 2 ** ((1 - Math.cos((2 * Math.PI * time) / DAY)) / 2)

/** A window a minute for some days. */
function learn(days: number, options: object = {}, of = level): DailyBaseline {
  const daily = new DailyBaseline(calibration, dailySchema.parse(options))
  const next = scoreStream(plain)
  for (let time = 0; time < days * DAY; time += 60_000) daily.push(next(of(time)), time)
  return daily
}

describe('DailyBaseline', () => {
  it('follows the hour once it has seen it on enough days', () => {
    const daily = learn(5)
    expect(daily.learned).toBe(24)
    for (let hour = 0; hour < 24; hour++) {
      const time = 100 * DAY + hour * HOUR
      expect(Math.abs(daily.threshold(base, time) / base / level(time) - 1)).toBeLessThan(0.12)
    }
  })

  it('holds the false alarm rate where one threshold does not', () => {
    const daily = learn(7)
    const next = scoreStream({ ...plain, seed: 8 })
    const alarms = { one: 0, daily: 0 }
    for (let time = 7 * DAY; time < 14 * DAY; time += 60_000) {
      const score = next(level(time))
      if (score > base) alarms.one++
      if (score > daily.threshold(base, time)) alarms.daily++
    }
    expect(alarms.one / 10_080).toBeGreaterThan(0.1)
    expect(alarms.daily / 10_080).toBeLessThan(0.02)
  })

  it('changes nothing before that', () => {
    const daily = learn(1.9)
    expect(daily.learned).toBe(0)
    for (const time of [0, 6 * HOUR, 12 * HOUR]) expect(daily.threshold(base, time)).toBeCloseTo(base, 12)
    expect(daily.threshold(base, Number.NaN)).toBe(base)
  })

  it('is not moved by one bad day', () => {
    const [good, bad] = [level, (time: number) => level(time) * (Math.floor(time / DAY) === 3 ? 10 : 1)].map(of =>
      learn(6, {}, of),
    )
    for (let hour = 0; hour < 24; hour++) {
      expect(bad.threshold(base, hour * HOUR) / good.threshold(base, hour * HOUR)).toBeCloseTo(1, 1)
    }
  })

  it('has no steps, not even at midnight', () => {
    const daily = learn(4, { bins: 12 })
    for (let time = 0; time < 2 * DAY; time += 60_000) {
      const [a, b] = [time, time + 60_000].map(t => daily.threshold(base, t))
      expect(Math.abs(a / b - 1)).toBeLessThan(0.005)
    }
  })

  it('moves a threshold by the largest factor at most', () => {
    const daily = learn(4, { max_factor: 1.5 }, () => 8)
    expect(daily.threshold(base, 0)).toBeCloseTo(1.5 * base, 9)
  })

  it('goes by the clock of a place, summer time included', () => {
    const july = Date.UTC(2026, 6, 1)
    const daily = new DailyBaseline(
      calibration,
      dailySchema.parse({ time_zone: 'Europe/Berlin', bins: 2, min_days: 1 }),
    )
    for (let time = july; time < july + 3 * DAY; time += 60_000) {
      const local = (time + 2 * HOUR) % DAY
      daily.push(local < DAY / 2 ? 1 : 2, time)
    }
    const winter = Date.UTC(2026, 11, 1)
    expect(daily.threshold(1, winter + 5 * HOUR)).toBeLessThan(1.1)
    expect(daily.threshold(1, winter + 17 * HOUR)).toBeGreaterThan(1.9)
  })

  it('goes on after a restore as if nothing had happened', () => {
    const one = learn(3.4)
    const two = new DailyBaseline(calibration, dailySchema.parse({}))
    two.restore(JSON.parse(JSON.stringify(one.snapshot())))
    for (let time = Math.floor(3.4 * DAY); time < 5 * DAY; time += 60_000) {
      const score = level(time)
      for (const each of [one, two]) each.push(score, time)
    }
    expect(two.snapshot()).toEqual(one.snapshot())
    expect(two.threshold(base, 0)).toBe(one.threshold(base, 0))
  })

  it('is not changed by what is no number, and refuses damaged snapshots', () => {
    const daily = learn(1.5)
    const before = daily.snapshot()
    daily.push(Number.NaN, 0)
    daily.push(1, Number.POSITIVE_INFINITY)
    const other = new DailyBaseline(calibration, dailySchema.parse({ bins: 48 })).snapshot()
    for (const raw of [null, { ...before, version: 2 }, { ...before, bins: [] }, { ...before, visit: {} }, other]) {
      expect(() => daily.restore(raw)).toThrow(expect.objectContaining({ code: 'AUSCULT_STATE' }))
    }
    expect(daily.snapshot()).toEqual(before)
  })
})

describe('dailySchema', () => {
  it.each([{ time_zone: 'Mars/Olympus' }, { days: 2, min_days: 5 }, { bins: 1 }])('refuses %j', raw => {
    expect(() => checkConfig(raw, dailySchema, 'test')).toThrow(expect.objectContaining({ code: 'AUSCULT_CONFIG' }))
  })
})
