import { describe, expect, it } from 'vitest'
import { isHeld, largestHeld } from './ingest-search.ts'
import type { IngestResult } from './work/ingest.ts'

const SECONDS = 12

function resultOf(feeds: number, changes: Partial<IngestResult> = {}): IngestResult {
  const score = { count: 1, p50: 20, p99: 60, max: 100 }
  const stolen = 0
  return { feeds, windows: feeds * SECONDS, lost: 0, open: [0, feeds / 50], score, stolen, ...changes } as IngestResult
}

/** A machine that holds `most` feeds, but for the calls that `unlucky` names. */
const machineOf =
  (most: number, calls: number[], unlucky: number[] = []) =>
  async (feeds: number) => {
    calls.push(feeds)
    const fails = feeds > most || unlucky.includes(calls.length)
    return resultOf(feeds, fails ? { lost: 1 } : {})
  }

describe('isHeld', () => {
  it('wants nothing lost, no queue that grows, and the aim of the p99', () => {
    expect(isHeld(resultOf(1000), SECONDS)).toBe(true)
    expect(isHeld(null, SECONDS)).toBe(false)
    expect(isHeld(resultOf(1000, { lost: 1 }), SECONDS)).toBe(false)
    expect(isHeld(resultOf(1000, { open: [10, 300] }), SECONDS)).toBe(false)
    expect(isHeld(resultOf(1000, { score: { count: 1, p50: 20, p99: 251, max: 300 } }), SECONDS)).toBe(false)
    expect(isHeld(resultOf(1000, { windows: 0, open: [0, 0] }), SECONDS)).toBe(false)
  })
})

describe('largestHeld', () => {
  it('comes within 8 % of what the machine holds, from below', async () => {
    for (const most of [60, 700, 1000, 1730, 6400]) {
      const found = await largestHeld(machineOf(most, []), SECONDS)
      expect(found!.feeds).toBeLessThanOrEqual(most)
      expect(found!.feeds).toBeGreaterThanOrEqual(Math.min(most / 1.08 - 50, most))
    }
  })

  it('tries a number again before it gives it up', async () => {
    const calls: number[] = []
    const found = await largestHeld(machineOf(1730, calls, [1]), SECONDS)
    expect(calls.slice(0, 3)).toEqual([1000, 1000, 1500])
    expect(found!.feeds).toBeGreaterThan(1500)
  })

  it('tries more often where the host took the time', async () => {
    const calls: number[] = []
    const robbed = async (feeds: number) => {
      calls.push(feeds)
      return resultOf(feeds, calls.length < 5 ? { lost: 1, stolen: 0.4 } : feeds > 1000 ? { lost: 1 } : {})
    }
    expect((await largestHeld(robbed, SECONDS))!.feeds).toBe(1000)
    expect(calls.slice(0, 6)).toEqual([1000, 1000, 1000, 1000, 1000, 1500])
  })

  it('finds nothing on a machine that holds nothing', async () => {
    expect(await largestHeld(async () => null, SECONDS)).toBeNull()
  })
})
