import { describe, expect, it } from 'vitest'
import { FAULT_KINDS, type FaultKind, SAMPLE_RATE, Synthesizer } from '../../../src/train/synth/index.ts'
import { bandPower, decibels, meanSquare, powerAt } from './spectrum.ts'

const ONSET = 2.0101
const DURATION = 3
const END = ONSET + DURATION

/** One take with and without the fault, and the machine's specification. */
function pair(kind: FaultKind, severity = 1) {
  const length = 7 * SAMPLE_RATE
  const healthy = new Synthesizer({ seed: 8 })
  const faulty = new Synthesizer({ seed: 8, faults: [{ kind, onset: ONSET, duration: DURATION, severity }] })
  const normal = healthy.read(length)
  const sound = faulty.read(length)
  return { normal, sound, difference: sound.map((x, i) => x - normal[i]), spec: healthy.spec }
}

const during = (sound: Float32Array) => sound.subarray((ONSET + 0.7) * SAMPLE_RATE, (END - 0.4) * SAMPLE_RATE)

describe.each(FAULT_KINDS)('%s', kind => {
  const { normal, sound, difference } = pair(kind)

  it('changes nothing before its onset, and something at once after it', () => {
    const first = difference.findIndex(x => x !== 0)
    expect(first).toBeGreaterThanOrEqual(Math.round(ONSET * SAMPLE_RATE))
    expect(first).toBeLessThan((ONSET + 0.1) * SAMPLE_RATE)
  })

  it('has died away half a second after its end', () => {
    const tail = difference.subarray((END + 0.5) * SAMPLE_RATE)
    expect(decibels((meanSquare(tail) + 1e-20) / meanSquare(normal))).toBeLessThan(-60)
  })

  it('is realistic: audible, but not louder than a worn machine is', () => {
    const ratio = decibels(meanSquare(during(difference)) / meanSquare(during(normal)))
    expect(ratio).toBeGreaterThan(-20)
    expect(ratio).toBeLessThan(10)
    expect(sound.every(x => Math.abs(x) < 1)).toBe(true)
  })

  it('adds sound in proportion to its severity', () => {
    if (kind === 'dropped-sensor') return expect(pair(kind, 0.5).sound).toEqual(sound)
    const half = pair(kind, 0.5).difference
    expect(decibels(meanSquare(during(difference)) / meanSquare(during(half)))).toBeCloseTo(6.02, 1)
  })
})

describe('what a fault sounds like', () => {
  it('bearing impacts: resonance rings, strikes at the race frequency', () => {
    const { difference, spec } = pair('bearing-impacts')
    const part = during(difference)
    const centre = spec.bearingResonance
    expect(decibels(bandPower(part, centre - 100, centre + 100) / bandPower(part, 200, 800))).toBeGreaterThan(15)
    const envelope = part.map(x => Math.abs(x))
    const mean = envelope.reduce((sum, x) => sum + x, 0) / envelope.length
    const centred = envelope.map(x => x - mean)
    const strikes = spec.turns * spec.outerRace
    expect(
      decibels(bandPower(centred, strikes * 0.97, strikes * 1.03) / powerAt(centred, strikes * 1.5)),
    ).toBeGreaterThan(6)
  })

  it('imbalance: the first order grows most', () => {
    const { normal, sound, spec } = pair('imbalance')
    const growth = (order: number) => {
      const hz = order * spec.turns
      return decibels(bandPower(during(sound), hz * 0.99, hz * 1.01) / bandPower(during(normal), hz * 0.99, hz * 1.01))
    }
    expect(growth(1)).toBeGreaterThan(9)
    expect(growth(1)).toBeLessThan(16)
    expect(growth(1)).toBeGreaterThan(growth(2))
    expect(growth(1)).toBeGreaterThan(growth(9))
  })

  it('belt squeal: a tone between 0.9 and 2.8 kHz', () => {
    const { difference } = pair('belt-squeal')
    const part = during(difference)
    const inside = bandPower(part, 900, 2800, 60)
    expect(decibels(inside / bandPower(part, 100, 600, 30))).toBeGreaterThan(20)
    const grid = Array.from({ length: 200 }, (_, i) => powerAt(part.subarray(0, 4000), 900 + i * 9.5))
    const mean = grid.reduce((sum, x) => sum + x, 0) / grid.length
    expect(decibels(Math.max(...grid) / mean)).toBeGreaterThan(8)
  })

  it('leak hiss: broad, above 3 kHz', () => {
    const { difference, normal } = pair('leak-hiss')
    expect(decibels(bandPower(during(difference), 5000, 7000) / bandPower(during(normal), 5000, 7000))).toBeGreaterThan(
      6,
    )
    expect(
      decibels(bandPower(during(difference), 5000, 7000) / bandPower(during(difference), 200, 900)),
    ).toBeGreaterThan(20)
  })

  it('dropped sensor: nothing but the noise of an open input', () => {
    const { sound } = pair('dropped-sensor')
    expect(decibels(meanSquare(during(sound)))).toBeCloseTo(-88, 0)
  })
})
