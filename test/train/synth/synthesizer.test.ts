import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SAMPLE_RATE, Synthesizer } from '../../../src/train/synth/index.ts'
import { bandPower, decibels, meanSquare, powerAt } from './spectrum.ts'

const seconds = (n: number) => Math.round(n * SAMPLE_RATE)

describe('Synthesizer', () => {
  it('gives the same sound for the same seed and take, another for another', () => {
    const first = new Synthesizer({ seed: 3, take: 1 }).read(seconds(1))
    expect(new Synthesizer({ seed: 3, take: 1 }).read(seconds(1))).toEqual(first)
    expect(new Synthesizer({ seed: 3, take: 2 }).read(seconds(1))).not.toEqual(first)
    expect(new Synthesizer({ seed: 4, take: 1 }).read(seconds(1))).not.toEqual(first)
  })

  it('keeps machine and room when only the take differs', () => {
    expect(new Synthesizer({ seed: 3, take: 2 }).spec).toEqual(new Synthesizer({ seed: 3, take: 9 }).spec)
  })

  it('does not depend on the size of the blocks it is read in', () => {
    const faults = [{ kind: 'belt-squeal', onset: 0.1, duration: 0.2, severity: 1 } as const]
    const total = 8000
    const whole = new Synthesizer({ seed: 5, faults }).read(total)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 12 }), sizes => {
        const synthesizer = new Synthesizer({ seed: 5, faults })
        const pieces = new Float32Array(total)
        let at = 0
        for (const size of [...sizes, total]) {
          const piece = synthesizer.read(Math.min(size, total - at))
          pieces.set(piece, at)
          at += piece.length
        }
        expect(pieces).toEqual(whole)
      }),
      { numRuns: 12 },
    )
  })

  it('is loud enough and never clips, for several machines', () => {
    for (const seed of [1, 2, 3, 4]) {
      const sound = new Synthesizer({ seed }).read(seconds(4))
      expect(decibels(meanSquare(sound))).toBeGreaterThan(-32)
      expect(decibels(meanSquare(sound))).toBeLessThan(-18)
      expect(sound.every(x => Math.abs(x) < 0.9)).toBe(true)
    }
  })

  it('has the rotor in its spectrum: lines at multiples of the speed, nothing between them', () => {
    const synthesizer = new Synthesizer({ seed: 1 })
    const sound = synthesizer.read(seconds(4)).subarray(seconds(3))
    const { turns } = synthesizer.spec
    // The speed varies by a per cent, so a line is the strongest frequency near its nominal place.
    const near = (hz: number) => Math.max(...[-0.01, -0.005, 0, 0.005, 0.01].map(d => powerAt(sound, hz * (1 + d))))
    for (const order of [1, 2, 3]) {
      expect(decibels(near(order * turns) / powerAt(sound, (order + 0.5) * turns))).toBeGreaterThan(10)
    }
  })

  it('falls towards high frequencies, as machines do', () => {
    const sound = new Synthesizer({ seed: 2 }).read(seconds(3))
    expect(decibels(bandPower(sound, 100, 400) / bandPower(sound, 5000, 7000))).toBeGreaterThan(20)
  })

  it('is not stationary when normal: its level moves by some decibels, but not by many', () => {
    const synthesizer = new Synthesizer({ seed: 6 })
    const levels = Array.from({ length: 60 }, () => decibels(meanSquare(synthesizer.read(seconds(1)))))
    const spread = Math.max(...levels) - Math.min(...levels)
    expect(spread).toBeGreaterThan(1)
    expect(spread).toBeLessThan(12)
  })
})
