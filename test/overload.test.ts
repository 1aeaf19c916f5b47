import { beforeAll, describe, expect, it } from 'vitest'
import { SOUND, untrained } from './bench/live/untrained.ts'
import { runOurs } from './bench/processes.ts'
import type { OverloadJob, OverloadResult } from './bench/work/overload.ts'
import { temporaryFolder } from './helpers/temporary.ts'

/** JavaScript objects, and what the allocator keeps beside the arrays. */
const SLACK = 100e6

describe('a daemon at ten times of what its scorer can do', () => {
  const { folder } = temporaryFolder()
  let result: OverloadResult
  beforeAll(async () => {
    const load = { recorders: 20, endless: 2, times: 10, queueMb: 10, batch: 4 }
    const job: OverloadJob = { bundle: await untrained(folder, SOUND), ...load, seconds: 6, sampleSeconds: 0.5 }
    result = await runOurs<OverloadResult>({ work: 'overload', job: { ...job } })
  }, 60_000)

  it('keeps memory within the stated bound', () => {
    const { idle, bound, samples } = result
    expect(bound.total).toBeLessThan(60e6)
    for (const { arrays, rss } of samples) {
      expect(arrays).toBeLessThan(idle.arrays + bound.total)
      expect(rss).toBeLessThan(idle.rss + bound.total + SLACK)
    }
  })

  it('accounts for every window at every moment, and after the stop', () => {
    for (const { received, given, unbalanced } of result.samples) {
      expect(unbalanced).toBe(0)
      expect(received).toBe(given)
    }
    const { open, unbalanced, dropped } = result.last
    expect({ open, unbalanced }).toEqual({ open: 0, unbalanced: 0 })
    expect(Object.keys(dropped).sort()).toEqual(['overflow', 'stopped'])
  })

  it('drops of feeds that cannot wait, and makes the others wait', () => {
    const last = result.samples.at(-1)!
    expect(last.dropped.overflow).toBeGreaterThan(20)
    expect(last.scored).toBeGreaterThan(0)
    expect(last.open).toBeLessThan(22 * 7 + 3 * 4 + 2 + 1)
  })

  it('does not delay the capture', () => {
    const late = result.samples.map(sample => sample.lateP99).sort((a, b) => a - b)
    expect(late[Math.floor(late.length / 2)]).toBeLessThan(250)
  })
})
