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
  readonly detector = new Detector(0, { open_after: 2, close_after: 3, cooldown: 0, update_every: 1 })
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
    const anomalous = above || (detector.isOpen && baseline.holds)
    const index = this.#index++
    const where = { source: 's', id: `s/${index}`, index, stream: 's', offset: index, time, duration: 1, late: false }
    const events = detector.push({ ...where, score, threshold, anomalous, latent: new Float32Array(0) })
    if (events.some(({ type }) => type === 'episode.opened')) {
      this.opened++
      baseline.opened(time)
    }
    if (above) this.above++
    const { drift, shift } = baseline.push({ score, time, above, open: detector.isOpen })
    this.drift.push(...drift)
    if (shift?.change !== 'absorbed') return
    this.absorbed++
    detector.end('stopped')
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

  it('refuses snapshots of another policy or damaged, and keeps its state', () => {
    const { baseline } = new Lane(options(threshold)).run(0, HOUR, 1000, () => 1)
    const before = baseline.snapshot()
    const other = new Baseline(calibration, options({ policy: 'gamma' })).snapshot()
    for (const raw of [
      null,
      {},
      other,
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
