import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FAULT_KINDS, schedule } from '../../../src/train/synth/index.ts'

describe('schedule', () => {
  it('places each fault once among as much normal sound as asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.double({ min: 0.5, max: 30, noNaN: true }), (seed, minutes) => {
        const { faults, seconds, normalSeconds } = schedule(seed, minutes)
        expect(faults.map(fault => fault.kind).sort()).toEqual([...FAULT_KINDS].sort())
        const faulty = faults.reduce((sum, fault) => sum + fault.duration, 0)
        expect(normalSeconds).toBeCloseTo(minutes * 60, 9)
        expect(seconds).toBeCloseTo(normalSeconds + faulty, 9)
        const shortest = Math.min(15, (minutes * 60) / 12) - 1e-9
        let end = 0
        for (const fault of faults) {
          expect(fault.onset - end).toBeGreaterThanOrEqual(shortest)
          expect(fault.severity).toBeGreaterThanOrEqual(0.6)
          expect(fault.severity).toBeLessThanOrEqual(1)
          end = fault.onset + fault.duration
        }
        expect(seconds - end).toBeGreaterThanOrEqual(shortest)
      }),
    )
  })

  it('is the same for the same seed, and another for another', () => {
    expect(schedule(1, 5)).toEqual(schedule(1, 5))
    expect(schedule(1, 5)).not.toEqual(schedule(2, 5))
  })
})
