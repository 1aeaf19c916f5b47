import type { Random } from '../../../random.ts'
import { FRAME, FRAME_SECONDS, type Frame, fromDecibels, SAMPLE_RATE, type Voice } from '../frame.ts'
import { MACHINE_RMS, type MachineSpec } from '../machine.ts'
import { Wander } from '../wander.ts'
import { Envelope, type Fault } from './fault.ts'

/**
 * A slack or glazed belt: it sticks and slips on the pulley and sings, a tone of 1 to 2.5 kHz with falling harmonics (the motion is nearly a
 * saw-tooth), whose pitch drifts with tension and temperature and whose loudness swells with each turn of the belt
 * (Sheng et al., "Wet belt friction-induced dynamic instability and noise", 2006, describe the stick-slip).
 */
export class BeltSqueal implements Voice {
  private readonly envelope: Envelope
  private readonly pitch: Wander
  private readonly amplitude: number
  private readonly hz: number
  private readonly belt: number
  private phase = 0

  constructor(random: Random, fault: Fault, spec: MachineSpec) {
    this.envelope = new Envelope(fault, 0.2, 0.2)
    this.hz = 1000 + 1500 * random.uniform()
    this.pitch = new Wander(random, 0.7, 0.03, FRAME_SECONDS)
    this.belt = spec.belt
    this.amplitude = fault.severity * MACHINE_RMS * fromDecibels(-9) * Math.SQRT2
  }

  add(frame: Frame, out: Float32Array): void {
    if (!this.envelope.touches(frame.start)) return
    const step = (2 * Math.PI * this.hz * (1 + this.pitch.step())) / SAMPLE_RATE
    for (let i = 0; i < FRAME; i++) {
      this.phase += step
      const swell = 0.75 + 0.25 * Math.sin(this.belt * frame.angle[i])
      const p = this.phase
      const tone = Math.sin(p) + 0.4 * Math.sin(2 * p + 0.5) + 0.2 * Math.sin(3 * p + 1)
      out[i] += this.envelope.at(frame.start + i) * swell * this.amplitude * tone
    }
  }
}
