import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RateMonitor } from '../../../src/ingest/signal/rate-monitor.ts'
import { seeded } from '../../../src/random.ts'

const RATE = 16_000

interface Feed {
  /** Real samples per second. */
  rate: number
  seconds: number
  /** Milliseconds that arrivals are late by at most; one in ten is on time. */
  jitter?: number
  seed?: number
  /** Milliseconds of sound in a chunk. */
  chunk?: number
  monitor?: RateMonitor
  from?: number
}

/** Plays a feed and gives what the monitor said and when. */
function play({ rate, seconds, jitter = 0, seed = 1, chunk = 128, monitor, from = 0 }: Feed) {
  const watched = monitor ?? new RateMonitor(RATE, 0.02, 30)
  const random = seeded(seed)
  const said: [second: number, measured: number | null][] = []
  let arrival = 0
  for (let captured = chunk; captured <= seconds * 1000; captured += chunk) {
    const late = random.uniform() < 0.1 ? 0 : jitter * random.uniform()
    // A chunk does not overtake the one before it.
    arrival = Math.max(arrival, from + captured + late)
    const change = watched.push(Math.round((chunk * rate) / 1000), arrival)
    if (change !== undefined) said.push([Math.round((arrival - from) / 1000), change])
  }
  return said
}

describe('RateMonitor', () => {
  it('says nothing about a right rate, however arrivals jitter', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 20, max: 500 }), fc.nat(1000), (seed, chunk, jitter) => {
        expect(play({ rate: RATE, seconds: 120, seed, chunk, jitter })).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  it('measures a rate that is off by more than the tolerance, and says it once', () => {
    const rate = fc.oneof(fc.integer({ min: 4000, max: 15_500 }), fc.integer({ min: 16_500, max: 96_000 }))
    fc.assert(
      fc.property(fc.nat(), rate, fc.nat(300), (seed, rate, jitter) => {
        const said = play({ rate, seconds: 120, seed, jitter })
        expect(said).toHaveLength(1)
        const [[second, measured]] = said
        expect(second).toBeGreaterThanOrEqual(30)
        expect(second).toBeLessThanOrEqual(60)
        expect(Math.abs(measured! / rate - 1)).toBeLessThan(0.02)
      }),
      { numRuns: 50 },
    )
  })

  it('tolerates what lies within', () => {
    for (const rate of [RATE * 0.985, RATE * 1.015]) expect(play({ rate, seconds: 300, jitter: 50 })).toEqual([])
  })

  it('does not mind a buffer that arrives at once at the start', () => {
    const monitor = new RateMonitor(RATE, 0.02, 30)
    expect(monitor.push(2 * RATE, 2000)).toBeUndefined()
    expect(play({ rate: RATE, seconds: 120, monitor, from: 2000 })).toEqual([])
  })

  it('does not mind sound that is lost once', () => {
    const monitor = new RateMonitor(RATE, 0.02, 30)
    expect(play({ rate: RATE, seconds: 61, monitor })).toEqual([])
    expect(play({ rate: RATE, seconds: 61, monitor, from: 63_000 })).toEqual([])
  })

  it('says when the rate is right again', () => {
    const monitor = new RateMonitor(RATE, 0.02, 30)
    expect(play({ rate: 44_100, seconds: 60, monitor })).toHaveLength(1)
    const said = play({ rate: RATE, seconds: 90, monitor, from: 60_000 })
    expect(said.map(([, measured]) => measured)).toEqual([null])
  })

  it('measures anew after a reset or a pause, and stays silent about the time between', () => {
    const monitor = new RateMonitor(RATE, 0.02, 30)
    play({ rate: RATE, seconds: 50, monitor })
    monitor.reset()
    expect(play({ rate: RATE, seconds: 60, monitor, from: 500_000 })).toEqual([])
    expect(play({ rate: RATE, seconds: 60, monitor, from: 900_000 })).toEqual([])
  })
})
