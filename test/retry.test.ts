import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '../src/random.ts'
import { Retry, type RetryPolicy } from '../src/retry.ts'

const policy: RetryPolicy = { firstMs: 100, lastMs: 5000, storm: { limit: 3, withinMs: 1000, pauseMs: 60_000 } }
const patient: RetryPolicy = { firstMs: 100, lastMs: 5000 }

describe('Retry', () => {
  it('doubles its waits up to the longest', () => {
    const retry = new Retry(patient, () => 1)
    const waits = Array.from({ length: 8 }, (_, i) => retry.failed(i * 10_000).ms)
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000])
  })

  it('waits at least half and at most the whole of it, whatever happened before', () => {
    const step = fc.record({ after: fc.nat(10_000), succeeded: fc.boolean() })
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 200 }), (seed, steps) => {
        const random = seeded(seed)
        const retry = new Retry(patient, () => random.uniform())
        let now = 0
        let failures = 0
        for (const { after, succeeded } of steps) {
          now += after
          if (succeeded) {
            retry.succeeded()
            failures = 0
          }
          const wait = retry.failed(now)
          failures++
          const whole = Math.min(5000, 100 * 2 ** (failures - 1))
          expect(wait.failures).toBe(failures)
          expect(wait.storm).toBe(false)
          expect(wait.ms).toBeGreaterThanOrEqual(whole / 2)
          expect(wait.ms).toBeLessThanOrEqual(whole)
        }
      }),
    )
  })

  it('is spread by its random numbers', () => {
    const random = seeded(1)
    const waits = Array.from({ length: 100 }, () => new Retry(patient, () => random.uniform()).failed(0).ms)
    expect(new Set(waits.map(Math.round)).size).toBeGreaterThan(30)
  })

  it('starts anew after a success', () => {
    const retry = new Retry(patient, () => 1)
    for (let i = 0; i < 5; i++) retry.failed(i)
    retry.succeeded()
    expect(retry.failed(6)).toEqual({ ms: 100, failures: 1, storm: false })
  })

  it('pauses when there were too many failures within a time, also with successes between them', () => {
    const retry = new Retry(policy, () => 1)
    const storms = [0, 300, 600, 900].map(now => {
      const wait = retry.failed(now)
      retry.succeeded()
      return wait
    })
    expect(storms.map(wait => wait.storm)).toEqual([false, false, false, true])
    expect(storms[3].ms).toBe(60_000)
    expect(retry.failed(60_900)).toEqual({ ms: 100, failures: 1, storm: false })
  })

  it('calls a storm exactly when more than the limit fall within the time', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(800), { maxLength: 60 }), pauses => {
        const retry = new Retry(policy, () => 0.5)
        const times: number[] = []
        let now = 0
        for (const pause of pauses) {
          now += pause
          times.push(now)
          expect(retry.failed(now).storm).toBe(times.filter(time => now - time < 1000).length > 3)
        }
      }),
    )
  })
})
