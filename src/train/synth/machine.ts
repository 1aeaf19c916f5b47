import type { Random } from '../../random.ts'
import { seeded } from '../../random.ts'
import { bandPass, highPass, lowPass } from './biquad.ts'
import { BumpsVoice } from './bumps.ts'
import { fromDecibels, type Voice } from './frame.ts'
import { HarmonicsVoice } from './harmonics.ts'
import { BandNoiseVoice } from './noise.ts'

/** Root mean square of a machine at half load before the room: −26 dB full scale. */
export const MACHINE_RMS = 0.05

/** What one seed makes of the machine: a belt-driven fan on an induction motor. Frequencies in Hz. */
export interface MachineSpec {
  /** Turns of the shaft per second. */
  readonly turns: number
  readonly blades: number
  /** Turns of the belt per turn of the shaft. */
  readonly belt: number
  /** Passes of a rolling element over a defect of the outer race, per turn of the shaft (BPFO). */
  readonly outerRace: number
  /** Resonance that impacts in the bearing excite. */
  readonly bearingResonance: number
  readonly housing: readonly { hz: number; q: number; db: number }[]
  readonly amplitudes: readonly number[]
  readonly phases: readonly number[]
}

/** A machine of its own for each seed. */
export function machineSpec(seed: number): MachineSpec {
  const random = seeded(seed, 0x6d616368)
  const between = (low: number, high: number) => low + (high - low) * random.uniform()
  const blades = 5 + random.integer(5)
  const balls = 7 + random.integer(4)
  return {
    turns: between(23, 29),
    blades,
    belt: between(0.27, 0.37),
    // n/2 · (1 − d/D · cos α), with ball to pitch diameter d/D near 0.2 (Randall and Antoni, MSSP 25, 2011).
    outerRace: (balls / 2) * (1 - between(0.17, 0.23)),
    bearingResonance: between(2600, 4200),
    housing: [between(250, 500), between(600, 1100), between(1300, 2200)].map(hz => ({
      hz,
      q: between(4, 10),
      db: between(3, 7),
    })),
    ...orders(random, blades),
  }
}

/** Amplitudes of the first 36 orders (multiples of the speed): falling with order, the blades' orders standing out. */
function orders(random: Random, blades: number): { amplitudes: number[]; phases: number[] } {
  const amplitudes = Array.from({ length: 36 }, (_, k) => {
    const order = k + 1
    const blade = order % blades === 0 ? 3 : 1
    return blade * (0.5 + random.uniform()) * order ** -0.9
  })
  const rms = Math.sqrt(amplitudes.reduce((sum, a) => sum + (a * a) / 2, 0))
  return { amplitudes: amplitudes.map(a => a / rms), phases: amplitudes.map(() => 2 * Math.PI * random.uniform()) }
}

/** Amplitude of one order of the rotor's sound at half load, full scale 1. */
export const rotorAmplitude = (spec: MachineSpec, order: number): number =>
  spec.amplitudes[order - 1] * MACHINE_RMS * fromDecibels(-3.5)

/** The machine when nothing is wrong. `random(n)` gives an unrelated stream for each n. */
export function machineVoices(spec: MachineSpec, random: (n: number) => Random): Voice[] {
  const level = (db: number) => MACHINE_RMS * fromDecibels(db)
  return [
    new HarmonicsVoice(
      spec.amplitudes.map((_, k) => rotorAmplitude(spec, k + 1)),
      spec.phases,
      1,
      3,
    ),
    // Magnetostriction: twice the mains frequency and its multiples. The slip is small, so it is tied to the shaft here.
    new HarmonicsVoice([level(-16), level(-24), level(-30)], [0, 1, 2], 100 / spec.turns),
    new BandNoiseVoice(random(1), {
      rms: level(-5),
      filters: [lowPass(450), highPass(60)],
      loadDb: 6,
      modulation: { depth: 0.15, perTurn: spec.blades },
    }),
    new BandNoiseVoice(random(2), { rms: level(-13), filters: [bandPass(900, 0.5)], loadDb: 4 }),
    new BandNoiseVoice(random(3), {
      rms: level(-17),
      filters: [bandPass(1500, 0.8)],
      loadDb: 3,
      modulation: { depth: 0.3, perTurn: spec.belt },
    }),
    new BandNoiseVoice(random(4), {
      rms: level(-21),
      filters: [bandPass(spec.bearingResonance, 0.6)],
      loadDb: 2,
      modulation: { depth: 0.15, perTurn: 1 },
    }),
    new BumpsVoice(random(5), level(6)),
  ]
}
