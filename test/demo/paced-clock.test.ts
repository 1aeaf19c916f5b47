import { describe, expect, it } from 'vitest'
import { pacedClock } from '../../src/demo/paced-clock.ts'

describe('pacedClock', () => {
  it('runs and sleeps at its speed, from the moment it is made', async () => {
    let now = 1000
    const slept: number[] = []
    const sleep = async (ms: number) => {
      slept.push(ms)
    }
    const clock = pacedClock(5, { now: () => now, sleep })
    expect(clock.now()).toBe(1000)
    now = 1200
    expect(clock.now()).toBe(2000)
    await clock.sleep(250)
    expect(slept).toEqual([50])
  })
})
