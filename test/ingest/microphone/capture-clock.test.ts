import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CaptureClock } from '../../../src/ingest/microphone/capture-clock.ts'
import { seeded } from '../../../src/random.ts'

const RATE = 16_000
const EPOCH = 1_800_000_000_000

/** A device, a computer and a clock, driven by hand. `time` is that of capture, in ms. */
class Bench {
  readonly clock = new CaptureClock(RATE)
  time = 0
  samples = 0
  lost = 0
  wall = EPOCH
  #arrival = 0
  readonly #late: { readonly at: number; readonly by: number }[] = []

  /** Captures for `ms` in chunks, each of which arrives so late. */
  run(ms: number, { late = (): number => 0, rate = RATE, chunk = 100 } = {}): void {
    for (const end = this.time + ms; this.time < end; ) {
      this.time += chunk
      const count = Math.round((chunk * rate) / 1000)
      this.#arrival = Math.max(this.#arrival, this.time + late())
      this.#late.push({ at: this.time, by: this.#arrival - this.time })
      const lost = this.clock.push(count, this.#arrival, this.wall + this.#arrival)
      this.samples += count + lost
      this.lost += lost
    }
  }

  /** By how much the soonest arrival is late, ms, in that stretch of so many ms in which it is the latest: 0 where some are on time in each. */
  soonest(ms: number): number {
    const stretches = this.#late.filter(({ at }) => at + ms <= this.time)
    const within = (from: number) => this.#late.filter(({ at }) => at >= from && at < from + ms)
    return Math.max(...stretches.map(({ at }) => Math.min(...within(at).map(({ by }) => by))))
  }

  /** By how much the clock is off at the last sample, ms. */
  get error(): number {
    return this.clock.timeAt(this.samples) - (this.wall + this.time)
  }
}

describe('CaptureClock', () => {
  it('advances by the count of samples', () => {
    const bench = new Bench()
    bench.run(100)
    const first = bench.clock.timeAt(0)
    const random = seeded(1)
    bench.run(60_000, { late: () => 80 * random.uniform() })
    expect(bench.clock.timeAt(RATE) - bench.clock.timeAt(0)).toBeCloseTo(1000, 3)
    expect(bench.clock.timeAt(0)).toBeCloseTo(first, 3)
    expect(bench.lost).toBe(0)
  })

  it('stays within 0.1 s of what arrivals can tell, and never thinks that sound was lost, however late it arrives', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 10, max: 250 }),
        fc.integer({ min: 0, max: 400 }),
        (seed, chunk, most) => {
          const random = seeded(seed)
          const bench = new Bench()
          const late = () => (random.uniform() < 0.7 ? 0 : most * random.uniform())
          bench.run(20_000, { late, chunk })
          expect(Math.abs(bench.error)).toBeLessThanOrEqual(101 + bench.soonest(3000 - most))
          expect(bench.lost).toBe(0)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('knows better as soon as a sample comes earlier than it could have', () => {
    const bench = new Bench()
    bench.run(100, { late: () => 2000 })
    expect(bench.error).toBeCloseTo(2000, 0)
    bench.run(3000)
    expect(Math.abs(bench.error)).toBeLessThanOrEqual(1)
  })

  it('follows a device that runs slow or fast', () => {
    for (const rate of [RATE * 0.995, RATE * 1.005, RATE * 0.95]) {
      const bench = new Bench()
      bench.run(120_000, { rate })
      expect(Math.abs(bench.error)).toBeLessThan(300)
      expect(bench.lost).toBe(0)
    }
  })

  it('finds out that sound was lost, and how much', () => {
    const bench = new Bench()
    bench.run(10_000)
    bench.time += 1500
    bench.run(10_000)
    expect(bench.lost).toBe(1.5 * RATE)
    expect(Math.abs(bench.error)).toBeLessThanOrEqual(1)
  })

  it('does not take a busy process for a loss, whenever that is', () => {
    for (let before = 3000; before < 7000; before += 100) {
      const bench = new Bench()
      bench.run(before)
      const free = bench.time + 6000
      // What waited is then read bit by bit.
      bench.run(8000, { late: () => Math.max(0, free - bench.time) * 1.02 })
      bench.run(10_000)
      expect(bench.lost, `busy after ${before} ms`).toBe(0)
      expect(Math.abs(bench.error)).toBeLessThanOrEqual(100)
    }
  })

  it('follows the computer’s clock when that is set', () => {
    const bench = new Bench()
    bench.run(5000)
    for (const step of [3_600_000, -7_200_000]) {
      bench.wall += step
      bench.run(1000)
      expect(Math.abs(bench.error)).toBeLessThanOrEqual(1)
    }
    expect(bench.lost).toBe(0)
  })
})
