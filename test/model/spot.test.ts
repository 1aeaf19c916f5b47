import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrate } from '../../src/model/calibration.ts'
import { Spot, type SpotOptions } from '../../src/model/spot.ts'
import { seeded } from '../../src/random.ts'

interface Run extends Omit<SpotOptions, 'peaks'> {
  name: string
  values: number[]
  thresholds: number[]
  alarms: number[]
  peaks: number
}

const golden = JSON.parse(readFileSync(new URL('../fixtures/spot/golden.json', import.meta.url), 'utf8'))
const calibration = { ...calibrate([1]), ...golden.calibration }
const runs = golden.runs.map((run: Run) => [`${run.name} q=${run.q} level=${run.level}`, run]) as [string, Run][]
const options = { q: 1e-3, level: 0.98, depth: 0, peaks: 500 }

describe('Spot', () => {
  it.each(runs)('%s moves as in a reference written from the paper', (_, run) => {
    const spot = new Spot(calibration, { ...options, q: run.q, level: run.level, depth: run.depth })
    const alarms: number[] = []
    run.values.forEach((value, i) => {
      if (value > spot.value) alarms.push(i)
      else spot.push(value)
      expect(Math.abs(spot.value / run.thresholds[i] - 1)).toBeLessThan(1e-5)
    })
    expect(alarms).toEqual(run.alarms)
    expect(spot.peaks).toBe(run.peaks)
  })

  it('holds its probability on a long stream, with few peaks in memory', () => {
    const spot = new Spot(calibration, { ...options, peaks: 200 })
    const random = seeded(3)
    let above = 0
    for (let i = 0; i < 100_000; i++) {
      const score = -Math.log(1 - random.uniform()) * 0.2 + 0.3
      if (i > 20_000 && score > spot.value) above++
      spot.push(score)
    }
    expect(spot.peaks).toBe(200)
    expect(above / 80_000).toBeGreaterThan(0.0004)
    expect(above / 80_000).toBeLessThan(0.002)
  })

  it('follows scores that wander when it has a depth', () => {
    const [still, following] = [0, 50].map(depth => new Spot(calibration, { ...options, depth, peaks: 50 }))
    const random = seeded(5)
    const alarms = { still: 0, following: 0 }
    for (let i = 0; i < 3000; i++) {
      const score = 0.6 + 0.15 * random.normal() + (i * 3) / 3000
      if (score > still.value) alarms.still++
      else still.push(score)
      if (score > following.value) alarms.following++
      following.push(score)
    }
    expect(alarms.still).toBeGreaterThan(5 * alarms.following)
    expect(alarms.following).toBeLessThan(20)
  })

  it('is hardly moved by a lone score, however high', () => {
    const [huge, high] = [1e9, 4].map(score => {
      const spot = new Spot(calibration, { ...options, depth: 20 })
      spot.push(score)
      return spot.value
    })
    expect(huge).toBe(high)
    expect(huge / new Spot(calibration, options).value).toBeLessThan(1.1)
  })

  it('is higher for what is rarer', () => {
    const values = [1e-2, 1e-3, 1e-4, 1e-6].map(q => new Spot(calibration, { ...options, q }).value)
    expect([...values].sort((a, b) => a - b)).toEqual(values)
    expect(new Set(values).size).toBe(4)
  })

  it('takes a lower level where the calibration is small, and refuses none at all', () => {
    const few = calibrate(Array.from({ length: 40 }, (_, i) => 1 + i / 100))
    expect(new Spot(few, options).peaks).toBe(10)
    expect(() => new Spot(calibrate([1, 2, 3]), options)).toThrow(expect.objectContaining({ code: 'AUSCULT_CONFIG' }))
    expect(new Spot(calibrate(new Array(100).fill(0.5)), options).value).toBeCloseTo(0.5, 6)
    expect(new Spot(calibrate(new Array(100).fill(0)), options).value).toBeCloseTo(0, 6)
  })

  it('is fitted again with each peak while they are few, then with a fiftieth of them', () => {
    const changes = [0.98, 0.8].map(level => {
      const spot = new Spot(calibration, { ...options, level })
      const most = calibration.quantiles.at(-1)
      const values = Array.from({ length: 40 }, (_, i) => {
        spot.push(most * (0.9 + (i % 7) / 100))
        return spot.value
      })
      return new Set(values).size
    })
    expect(changes[0]).toBe(40)
    expect(changes[1]).toBe(5)
  })

  it('goes on after a restore at any point as if nothing had happened', () => {
    const score = fc.double({ min: 0.3, max: 2, noNaN: true })
    const runs = fc.constantFrom({ peaks: 50 }, { depth: 7, peaks: 50 }, { level: 0.8 })
    fc.assert(
      fc.property(fc.array(score, { maxLength: 60 }), fc.nat(60), runs, (scores, cut, run) => {
        const one = new Spot(calibration, { ...options, ...run })
        for (const score of scores.slice(0, cut)) one.push(score)
        const two = new Spot(calibration, { ...options, ...run })
        two.restore(JSON.parse(JSON.stringify(one.snapshot())))
        for (const score of scores.slice(cut)) {
          one.push(score)
          two.push(score)
          expect(two.value).toBe(one.value)
        }
      }),
      { numRuns: 30 },
    )
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('is not moved by %s', score => {
    const spot = new Spot(calibration, { ...options, depth: 3 })
    const before = spot.snapshot()
    spot.push(score)
    expect(spot.snapshot()).toEqual(before)
  })

  it('refuses snapshots that are damaged or of other options, and keeps its state', () => {
    const spot = new Spot(calibration, options)
    const state = spot.snapshot()
    const other = new Spot(calibration, { ...options, depth: 5 }).snapshot()
    for (const raw of [
      null,
      {},
      { ...state, version: 2 },
      { ...state, kept: 0 },
      { ...state, excesses: state.places.slice(4) },
      other,
    ]) {
      expect(() => spot.restore(raw)).toThrow(expect.objectContaining({ code: 'AUSCULT_STATE' }))
    }
    expect(spot.snapshot()).toEqual(state)
  })
})
