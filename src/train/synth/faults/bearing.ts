import type { Random } from '../../../random.ts'
import { FRAME, type Frame, fromDecibels, SAMPLE_RATE, type Voice } from '../frame.ts'
import { MACHINE_RMS, type MachineSpec } from '../machine.ts'
import { Envelope, type Fault } from './fault.ts'

/**
 * A spall on the outer race: each rolling element that passes strikes it and rings a resonance of the housing for some milliseconds.
 * The strikes come at the race's passing frequency, with one or two per cent of slip from turn to turn, and are stronger once a
 * turn (Randall and Antoni, "Rolling element bearing diagnostics: a tutorial", MSSP 25, 2011; McFadden and Smith, 1984).
 */
export class BearingImpacts implements Voice {
  private readonly envelope: Envelope
  private readonly random: Random
  private readonly spacing: number
  private readonly strength: number
  private readonly pole: { a1: number; a2: number; gain: number }
  private next = Number.NEGATIVE_INFINITY
  private y1 = 0
  private y2 = 0

  constructor(random: Random, fault: Fault, spec: MachineSpec) {
    this.envelope = new Envelope(fault, 0.3)
    this.random = random
    this.spacing = (2 * Math.PI) / spec.outerRace
    // A ringing of amplitude A and time constant τ that starts n times a second has a mean square of A² τ n / 4.
    const tau = 0.0025
    const rms = fault.severity * MACHINE_RMS * fromDecibels(-10)
    this.strength = (2 * rms) / Math.sqrt(tau * spec.turns * spec.outerRace)
    const radius = Math.exp(-1 / (tau * SAMPLE_RATE))
    const w = (2 * Math.PI * spec.bearingResonance) / SAMPLE_RATE
    this.pole = { a1: 2 * radius * Math.cos(w), a2: -radius * radius, gain: Math.sin(w) }
  }

  add(frame: Frame, out: Float32Array): void {
    if (!this.envelope.touches(frame.start)) return
    const { a1, a2, gain } = this.pole
    for (let i = 0; i < FRAME; i++) {
      const strength = this.envelope.at(frame.start + i)
      if (strength === 0) continue
      const angle = frame.angle[i]
      if (this.next === Number.NEGATIVE_INFINITY) this.next = angle
      let strike = 0
      if (angle >= this.next) {
        this.next += this.spacing * (1 + 0.015 * this.random.normal())
        const zone = 1 + 0.3 * Math.cos(angle)
        strike = gain * this.strength * strength * zone * (1 + 0.2 * this.random.normal())
      }
      const y = strike + a1 * this.y1 + a2 * this.y2
      this.y2 = this.y1
      this.y1 = y
      out[i] += y * Math.min(1, strength * 10)
    }
  }
}
