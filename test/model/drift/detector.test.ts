import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrate } from '../../../src/model/calibration.ts'
import { driftSchema } from '../../../src/model/drift/config.ts'
import { type DriftChange, DriftDetector } from '../../../src/model/drift/detector.ts'
import { resolveThreshold } from '../../../src/model/threshold.ts'
import { calibrationOf, PROCESSES, type ScoreProcess, scoreStream } from './simulate.ts'

const HOUR = 3600
const DAY = 24 * HOUR
const config = driftSchema.parse({})
const plain: ScoreProcess = { family: 'lognormal', correlation: 0.5, spread: 0.3, seed: 1 }

/** A source with a window a second. `level`: of a second, 1 as calibrated. @returns the changes */
function watch(process: ScoreProcess, seconds: number, level: (second: number) => number, options: object = {}) {
  const calibration = calibrationOf(process)
  const threshold = resolveThreshold(calibration, { policy: 'percentile', value: 99.5 })
  const detector = new DriftDetector(calibration, driftSchema.parse(options))
  const next = scoreStream(process)
  const changes: DriftChange[] = []
  for (let i = 0; i < seconds; i++) {
    const score = next(level(i))
    changes.push(...detector.push(score, score > threshold, i * 1000))
  }
  return { changes, detector }
}

const ofLevel = (changes: readonly DriftChange[]) => changes.filter(({ kind }) => kind === 'level')

describe.each(['page_hinkley', 'adwin'] as const)('DriftDetector with %s', test => {
  it.each(PROCESSES)('is silent for a stationary day ($family, $correlation)', process => {
    expect(watch({ ...process, seed: 3 }, DAY, () => 1, { test }).changes).toEqual([])
  })

  it.each([
    [1.2, 'up'],
    [0.8, 'down'],
  ] as const)('sees a level of %d within an hour', (factor, direction) => {
    const start = 8 * HOUR
    const { changes } = watch(plain, 12 * HOUR, i => (i < start ? 1 : factor), { test })
    const [began, ...others] = ofLevel(changes)
    expect(others).toEqual([])
    expect(began).toMatchObject({ change: 'began', statistic: test, direction })
    expect(began.time / 1000 - start).toBeLessThan(HOUR)
    expect(Math.abs(began.since / 1000 - start)).toBeLessThan(HOUR / 2)
    expect(Math.abs(began.after / began.before - factor)).toBeLessThan(0.08)
  })

  it('says when it is over', () => {
    const { changes, detector } = watch(plain, 12 * HOUR, i => (i > 4 * HOUR && i < 7 * HOUR ? 1.4 : 1), { test })
    expect(ofLevel(changes).map(({ change }) => change)).toEqual(['began', 'over'])
    const over = ofLevel(changes)[1].time / 1000
    expect(over).toBeGreaterThan(7.5 * HOUR)
    expect(over).toBeLessThan(8.5 * HOUR)
    expect(detector.drifting.level).toBeUndefined()
    expect(detector.level).toBeCloseTo(1, 1)
  })

  it('takes an anomaly of minutes for no drift, above the threshold or below', () => {
    for (const factor of [1.3, 4]) {
      const often = (i: number) => (i > 2 * HOUR && i % (2 * HOUR) < 600 ? factor : 1)
      expect(ofLevel(watch(plain, DAY, often, { test }).changes)).toEqual([])
    }
  })
})

describe('DriftDetector', () => {
  it('reports another population than that of the calibration, and when it is gone', () => {
    const { changes, detector } = watch(plain, 40 * HOUR, i => (i < 10 * HOUR ? 1.5 : 1))
    const others = changes.filter(({ kind }) => kind === 'distribution')
    expect(others.map(({ change, direction }) => [change, direction])).toEqual([
      ['began', 'up'],
      ['over', 'up'],
    ])
    expect(others[0].psi).toBeGreaterThan(0.25)
    expect(others[0].after / others[0].before).toBeCloseTo(1.5, 1)
    expect(others[1].psi).toBeLessThan(0.1)
    expect(detector.psi).toBeLessThan(0.1)
    expect(detector.drifting.distribution).toBeUndefined()
  })

  it('is no drift when a cold source comes to the level of the calibration and stays', () => {
    const { detector } = watch(plain, 8 * HOUR, i => (i < 3 * HOUR ? 0.7 : 1))
    expect(detector.drifting.level).toBeUndefined()
  })

  it('takes over a level shift that was absorbed, and its end', () => {
    const { detector } = watch(plain, 3 * HOUR, () => 1)
    const shift = { before: 1, after: 3, factor: 3, time: 3 * HOUR * 1000, since: 2 * HOUR * 1000 }
    expect(detector.shifted({ ...shift, change: 'absorbed' })).toMatchObject([
      { kind: 'level', change: 'began', statistic: 'level_shift', direction: 'up', after: expect.closeTo(3, 9) },
    ])
    expect(detector.shifted({ ...shift, change: 'absorbed', after: 4 })).toEqual([])
    expect(detector.shifted({ ...shift, change: 'returned', before: 4, after: 1 })).toMatchObject([{ change: 'over' }])
    expect(detector.shifted({ ...shift, change: 'returned' })).toEqual([])
  })

  it('waits for blocks however rare windows are', () => {
    const calibration = calibrationOf(plain)
    const detector = new DriftDetector(calibration, config)
    const next = scoreStream(plain)
    const changes = Array.from({ length: 6000 }, (_, i) => detector.push(next(i < 3000 ? 1 : 1.5), false, i * 60_000))
    expect(ofLevel(changes.flat())).toMatchObject([{ change: 'began', direction: 'up' }])
  })

  it('takes zeros, and calibrations that hardly vary', () => {
    const detector = new DriftDetector(calibrate(new Array(500).fill(0.5)), config)
    for (let i = 0; i < 3 * HOUR; i++) detector.push(i % 2 ? 0 : 0.5, false, i * 1000)
    expect(Number.isFinite(detector.psi)).toBe(true)
    expect(Number.isFinite(detector.level)).toBe(true)
  })

  it('is not changed by scores that are no numbers', () => {
    const { detector } = watch(plain, HOUR, () => 1)
    const before = detector.snapshot()
    for (const score of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(detector.push(score, false, HOUR * 2000)).toEqual([])
    detector.push(1, false, Number.NaN)
    expect(detector.snapshot()).toEqual(before)
  })

  it('goes on after a restore at any point as if nothing had happened', () => {
    const calibration = calibrationOf(plain)
    const options = driftSchema.parse({ block: 5, block_windows: 5, warmup: 10, settle: 60, memory: 600 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2500 }), fc.double({ min: 0.5, max: 2, noNaN: true }), (cut, factor) => {
        const next = scoreStream(plain)
        const one = new DriftDetector(calibration, options)
        let two = one
        for (let i = 0; i < 2500; i++) {
          if (i === cut) {
            two = new DriftDetector(calibration, options)
            two.restore(JSON.parse(JSON.stringify(one.snapshot())))
          }
          const score = next(i < 1000 || i > 1800 ? 1 : factor)
          const changes = one.push(score, score > 2, i * 1000)
          if (two !== one) expect(two.push(score, score > 2, i * 1000)).toEqual(changes)
        }
        expect(two.snapshot()).toEqual(one.snapshot())
      }),
      { numRuns: 25 },
    )
  })

  it('refuses snapshots that are damaged, half or of another test, and keeps its state', () => {
    const { detector } = watch(plain, 2 * HOUR, () => 1)
    const before = detector.snapshot()
    const other = new DriftDetector(calibrationOf(plain), driftSchema.parse({ test: 'adwin' })).snapshot()
    const wrong = [undefined, {}, { ...before, version: 0 }, { ...before, psi: {} }, { ...before, spread: null }, other]
    for (const raw of wrong) {
      expect(() => detector.restore(raw)).toThrow(expect.objectContaining({ code: 'AUSCULT_STATE' }))
      expect(detector.snapshot()).toEqual(before)
    }
  })
})
