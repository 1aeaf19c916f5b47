import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../../src/config.ts'
import {
  type RecalibrateOptions,
  recalibrate,
  recalibrationRecordSchema,
  recalibrationSchema,
  reversed,
} from '../../../src/model/drift/recalibrate.ts'
import { ScoreReservoir } from '../../../src/model/drift/reservoir.ts'
import { resolveThreshold } from '../../../src/model/threshold.ts'
import { calibrationOf, type ScoreProcess, scoreStream } from './simulate.ts'

const plain: ScoreProcess = { family: 'gamma', correlation: 0.5, spread: 0.3, seed: 4 }
const current = calibrationOf(plain)
const policy = { policy: 'percentile', value: 99.5 } as const
const options: RecalibrateOptions = { current, policy, ...recalibrationSchema.parse({}) }
const scoresAt = (level: number, count = 4000, seed = 9) => {
  const next = scoreStream({ ...plain, seed })
  return Array.from({ length: count }, () => next(level))
}

describe('recalibrate', () => {
  it('moves the threshold with the level, and compares before and after', () => {
    const { calibration, report } = recalibrate(scoresAt(1.4), options)
    expect(calibration.count).toBe(4000)
    expect(report.factor).toBeGreaterThan(1.3)
    expect(report.factor).toBeLessThan(1.5)
    expect(report.after.threshold).toBe(resolveThreshold(calibration, policy))
    expect(report.before).toMatchObject({ windows: 3000, threshold: resolveThreshold(current, policy) })
    expect(report.psi).toBeGreaterThan(0.25)
    expect(report).toMatchObject({ trimmed: 0, forced: false })
  })

  it('leaves out outliers', () => {
    const { report } = recalibrate([...scoresAt(1), ...new Array(20).fill(100), 0], options)
    expect(report.trimmed).toBe(21)
    expect(Math.abs(report.factor - 1)).toBeLessThan(0.1)
  })

  it('refuses too few windows, and says that later may do', () => {
    const code = expect.objectContaining({ code: 'AUSCULT_RECALIBRATION', canRetry: true, at: 'pump' })
    expect(() => recalibrate(scoresAt(1, 999), { ...options, at: 'pump' })).toThrow(code)
    expect(() => recalibrate([], options)).toThrow(/0 normal windows/)
    expect(() => recalibrate([...scoresAt(1, 995), ...new Array(10).fill(1e6)], options)).toThrow(/995/)
  })

  it.each([3, 0.3])('refuses a threshold that is %d times as high unless forced', factor => {
    const code = expect.objectContaining({ code: 'AUSCULT_RECALIBRATION', canRetry: false })
    expect(() => recalibrate(scoresAt(factor), options)).toThrow(code)
    const { report } = recalibrate(scoresAt(factor), { ...options, force: true })
    expect(report.forced).toBe(true)
    expect(report.factor / factor).toBeCloseTo(1, 0)
  })

  it('refuses scores that are no numbers', () => {
    const code = expect.objectContaining({ code: 'AUSCULT_NON_FINITE' })
    expect(() => recalibrate([...scoresAt(1), Number.NaN], options)).toThrow(code)
  })

  it('can be taken back, and is kept as JSON', () => {
    const { calibration, report } = recalibrate(scoresAt(1.2), options)
    const record = {
      source: 'pump',
      who: 'ann',
      when: 1,
      why: 'new bearing',
      before: current,
      after: calibration,
      report,
    }
    const back = reversed(record, { who: 'bob', when: 2, why: 'mistake' })
    expect(back).toMatchObject({ source: 'pump', who: 'bob', before: calibration, after: current, report: null })
    for (const each of [record, back])
      expect(recalibrationRecordSchema.parse(JSON.parse(JSON.stringify(each)))).toEqual(each)
  })

  it('does not lower the threshold each time, when lone windows above it are among the scores', () => {
    let calibration = current
    let narrowed = current
    for (let round = 0; round < 15; round++) {
      const scores = scoresAt(1, 4000, 100 + round)
      calibration = recalibrate(scores, { ...options, current: calibration }).calibration
      const limit = resolveThreshold(narrowed, policy)
      const below = scores.filter(score => score <= limit)
      narrowed = recalibrate(below, { ...options, current: narrowed }).calibration
    }
    const first = resolveThreshold(current, policy)
    expect(resolveThreshold(calibration, policy) / first).toBeGreaterThan(0.92)
    expect(resolveThreshold(narrowed, policy) / first).toBeLessThan(0.9)
  })
})

describe('recalibrationSchema', () => {
  it('wants a reservoir that holds the minimum', () => {
    expect(() => checkConfig({ minimum: 6000 }, recalibrationSchema, 'test')).toThrow(/minimum: above capacity/)
  })
})

describe('ScoreReservoir', () => {
  it('keeps a bounded sample of recent scores', () => {
    const reservoir = new ScoreReservoir(500, 5000)
    for (let i = 0; i < 50_000; i++) reservoir.push(i)
    expect(reservoir.scores).toHaveLength(500)
    expect(reservoir.seen).toBe(50_000)
    const ages = reservoir.scores.map(i => 50_000 - i).sort((a, b) => a - b)
    expect(ages[250]).toBeGreaterThan(2800)
    expect(ages[250]).toBeLessThan(4200)
    reservoir.clear()
    expect(reservoir.scores).toHaveLength(0)
  })

  it('goes on after a restore as if nothing had happened', () => {
    const one = new ScoreReservoir(20, 60, 7)
    for (let i = 0; i < 100; i++) one.push(i)
    const two = new ScoreReservoir(20, 60, 7)
    two.restore(JSON.parse(JSON.stringify(one.snapshot())))
    for (let i = 100; i < 300; i++) for (const each of [one, two]) each.push(i)
    expect(two.snapshot()).toEqual(one.snapshot())
  })

  it('takes no score that is no number, and no damaged snapshot', () => {
    const reservoir = new ScoreReservoir(3, 3)
    reservoir.push(1)
    const before = reservoir.snapshot()
    for (const score of [Number.NaN, Number.POSITIVE_INFINITY]) reservoir.push(score)
    for (const raw of [
      {},
      { ...before, scores: 'AAAAAAAAAAAAAAAAAAAAAA==', seen: 9 },
      { ...before, scores: 'AAAA' },
      { ...before, scores: [1] },
      { ...before, seen: 0 },
      { ...before, version: 2 },
    ]) {
      expect(() => reservoir.restore(raw)).toThrow(expect.objectContaining({ code: 'AUSCULT_STATE' }))
    }
    expect(reservoir.snapshot()).toEqual(before)
  })
})
