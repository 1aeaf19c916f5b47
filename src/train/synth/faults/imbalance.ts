import { FRAME, type Frame, type Voice } from '../frame.ts'
import { type MachineSpec, rotorAmplitude } from '../machine.ts'
import { Envelope, type Fault } from './fault.ts'

/** Growth of the first orders, relative to the first. */
const ORDERS = [1, 0.5, 0.3, 0.2, 0.15]

/**
 * Mass lost from the rotor (a blade's tip, a balancing weight): the centrifugal force m·e·ω² turns with the shaft, so the first order
 * grows most. Feet and bearings that give way once a turn answer with the next few orders, and all other sound is modulated once a
 * turn, because gaps and belt tension breathe with the orbit (Mobley, "Vibration fundamentals", 1999). At severity 1 the first order grows to 4.5 times what it was,
 * from the zone of a new machine into the zone of damage of ISO 20816-3.
 */
export class Imbalance implements Voice {
  private readonly envelope: Envelope
  private readonly amplitude: number
  private readonly depth: number

  constructor(fault: Fault, spec: MachineSpec) {
    this.envelope = new Envelope(fault, 0.5, 0.3)
    this.amplitude = 3.5 * fault.severity * rotorAmplitude(spec, 1)
    this.depth = 0.6 * fault.severity
  }

  add(frame: Frame, out: Float32Array): void {
    if (!this.envelope.touches(frame.start)) return
    for (let i = 0; i < FRAME; i++) {
      const strength = this.envelope.at(frame.start + i)
      const angle = frame.angle[i]
      let orders = 0
      for (let k = 1; k <= ORDERS.length; k++) orders += ORDERS[k - 1] * Math.sin(k * angle + k - 1)
      out[i] = out[i] * (1 + strength * this.depth * Math.sin(angle + 0.5)) + strength * this.amplitude * orders
    }
  }
}
