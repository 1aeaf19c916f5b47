import { describe, expect, it } from 'vitest'
import { Baseline, type BaselineOptions } from '../../../src/model/drift/baseline.ts'
import { driftSchema } from '../../../src/model/drift/config.ts'
import { dailySchema } from '../../../src/model/drift/daily.ts'
import type { DriftChange } from '../../../src/model/drift/detector.ts'
import { recalibrate, recalibrationSchema } from '../../../src/model/drift/recalibrate.ts'
import { thresholdSchema } from '../../../src/model/threshold.ts'
import { Detector } from '../../../src/stream/detector.ts'
import { calibrationOf, type ScoreProcess, scoreStream } from './simulate.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const process: ScoreProcess = { family: 'lognormal', correlation: 0.3, spread: 0.2, seed: 6 }
const calibration = calibrationOf(process)
const options = (threshold: object, daily: object = {}): BaselineOptions => ({
  threshold: thresholdSchema.parse(threshold),
  drift: driftSchema.parse({}),
  daily: dailySchema.parse(daily),
  recalibration: recalibrationSchema.parse({ capacity: 2000, horizon: 20_000 }),
})
const policies = [{ policy: 'percentile' }, { policy: 'spot', q: 1e-3, peaks: 100 }]

/** A source with a window each `step` ms, wired as a lane is. */
class Lane {
  readonly baseline: Baseline
  readonly detector = new Detector({ open_after: 2, close_after: 3, cooldown: 0, update_every: 1 })
  readonly next = scoreStream(process)
  readonly drift: DriftChange[] = []
  absorbed = 0
  opened = 0
  above = 0
  #index = 0

  constructor(options: BaselineOptions) {
    this.baseline = new Baseline(calibration, options)
  }

  run(from: number, to: number, step: number, level: (time: number) => number): this {
    for (let time = from; time < to; time += step) this.push(this.next(level(time)), time)
    return this
  }

  push(score: number, time: number): void {
    const { baseline, detector } = this
    const threshold = baseline.threshold(time)
    const above = score > threshold
    const index = this.#index++
    const where = { source: 's', id: `s/${index}`, index, stream: 's', offset: index, time, duration: 1, late: false }
    const whole = { ...where, score, threshold, anomalous: above, latent: new Float32Array(0) }
    const events = detector.push(whole, baseline.holds)
    const opened = events.some(({ type }) => type === 'episode.opened')
    if (opened) this.opened++
    if (above) this.above++
    const { drift = [], shift } = baseline.push({ score, time, above, open: detector.isOpen, opened }) ?? {}
    this.drift.push(...drift)
    if (shift?.change !== 'absorbed') return
    this.absorbed++
    detector.end('absorbed')
  }
}

describe.each(policies)('Baseline by %j', threshold => {
  it('absorbs a level shift, tells drift at once, and finds anomalies of the new level', () => {
    const lane = new Lane(options(threshold)).run(0, 6 * HOUR, 1000, time => (time < 2 * HOUR ? 1 : 3))
    expect(lane.absorbed).toBe(1)
    expect(lane.drift.filter(({ kind }) => kind === 'level')).toMatchObject([
      { change: 'began', statistic: 'level_shift' },
    ])
    expect(lane.opened).toBeLessThan(15)
    expect(lane.baseline.factor).toBeCloseTo(3, 0)
    const opened = lane.opened
    lane.run(6 * HOUR, 6 * HOUR + 10_000, 1000, () => 9)
    expect(lane.opened).toBe(opened + 1)
  })

  it('accounts for the time of day once', () => {
    const level = (time: number) => 2.5 ** ((1 - Math.cos((2 * Math.PI * time) / DAY)) / 2)
    const lane = new Lane(options(threshold, { enabled: true })).run(0, 5 * DAY, 10_000, level)
    const before = lane.above
    lane.run(5 * DAY, 8 * DAY, 10_000, level)
    expect((lane.above - before) / 25_920).toBeLessThan(0.015)
    expect(lane.baseline.threshold(100.5 * DAY) / lane.baseline.threshold(100 * DAY)).toBeCloseTo(2.5, 0)
  })

  it('goes on after a restore in the middle of an anomaly as if nothing had happened', () => {
    const one = new Lane(options(threshold, { enabled: true }))
    one.run(0, 3 * HOUR, 1000, time => (time < 2.8 * HOUR ? 1 : 3))
    const copy = new Baseline(calibration, options(threshold, { enabled: true }))
    copy.restore(JSON.parse(JSON.stringify(one.baseline.snapshot())))
    for (let time = 3 * HOUR; time < 4.5 * HOUR; time += 1000) {
      const score = one.next(3)
      expect(copy.threshold(time)).toBe(one.baseline.threshold(time))
      const judged = { score, time, above: score > copy.threshold(time), open: copy.factor === 1 }
      expect(copy.push(judged)).toEqual(one.baseline.push(judged))
    }
    expect(copy.factor).toBeGreaterThan(2)
  })

  it('refuses damaged snapshots, and keeps its state', () => {
    const { baseline } = new Lane(options(threshold)).run(0, HOUR, 1000, () => 1)
    const before = baseline.snapshot()
    for (const raw of [
      null,
      {},
      { ...before, policy: 'gamma' },
      { ...before, reservoir: null },
      { ...before, drift: 'x' },
      { ...before, version: 2 },
    ]) {
      expect(() => baseline.restore(raw)).toThrow(expect.objectContaining({ code: 'AUSCULT_STATE' }))
    }
    expect(baseline.snapshot()).toEqual(before)
  })
})

describe('Baseline', () => {
  const one = () => new Lane(options({ policy: 'percentile' })).run(0, 5 * HOUR, 1000, time => (time < HOUR ? 1 : 3))
  const gamma = thresholdSchema.parse({ policy: 'gamma' })
  const percentile = thresholdSchema.parse({ policy: 'percentile' })
  const other = calibrationOf({ ...process, seed: 60 })

  it('keeps level, drift and scores with another policy, in place and over a restart', () => {
    const { baseline } = one()
    const before = baseline.snapshot()
    const plain = baseline.threshold(0)
    baseline.use({ policy: gamma, calibration: structuredClone(calibration) })
    const { threshold: _, policy, ...rest } = baseline.snapshot()
    const { threshold: __, policy: ___, ...expected } = before
    expect(policy).toEqual(gamma)
    expect(rest).toEqual(expected)
    expect(baseline.threshold(0)).toBeGreaterThan(plain)
    const restored = new Baseline(calibration, options(gamma))
    expect(restored.restore(before)).toBe('level')
    expect(restored.snapshot()).toEqual(baseline.snapshot())
  })

  it('begins anew with another calibration, but for the scores', () => {
    const { baseline } = one()
    const before = baseline.snapshot()
    const kept = baseline.scores.length
    const restored = new Baseline(other, options({ policy: 'percentile' }))
    expect(restored.restore(before)).toBe('scores')
    baseline.use({ policy: percentile, calibration: other })
    expect(baseline.factor).toBe(1)
    expect(baseline.drift.drifting.level).toBeUndefined()
    expect(baseline.scores).toHaveLength(kept)
    expect(baseline.snapshot()).toEqual(restored.snapshot())
    baseline.use({ policy: percentile, calibration: other }, true)
    expect(baseline.scores).toHaveLength(0)
  })

  it('stays as it is where the calibration does not allow the policy', () => {
    const { baseline } = one()
    const before = baseline.snapshot()
    const few = { ...calibration, count: 8 }
    const change = () => baseline.use({ policy: thresholdSchema.parse({ policy: 'spot' }), calibration: few })
    expect(change).toThrow(expect.objectContaining({ code: 'AUSCULT_CONFIG' }))
    expect(baseline.snapshot()).toEqual(before)
  })

  it('keeps the scores from which a new one is made', () => {
    const { baseline } = new Lane(options({ policy: 'percentile' })).run(0, 3 * HOUR, 1000, () => 1.2)
    const { policy, ...rest } = {
      policy: thresholdSchema.parse({ policy: 'percentile' }),
      ...recalibrationSchema.parse({}),
    }
    const { calibration: own, report } = recalibrate(baseline.scores, { ...rest, policy, current: calibration })
    expect(report.factor).toBeGreaterThan(1.1)
    const next = new Baseline(own, options({ policy: 'percentile' }))
    expect(next.threshold(0)).toBe(report.after.threshold)
  })
})
