import type { Random } from '../../../random.ts'
import { bandPass, highPass } from '../biquad.ts'
import { FRAME, FRAME_SECONDS, type Frame, fromDecibels, type Voice } from '../frame.ts'
import { MACHINE_RMS } from '../machine.ts'
import { shapedRms, white } from '../noise.ts'
import { Wander } from '../wander.ts'
import { Envelope, type Fault } from './fault.ts'

/**
 * Compressed air from a small hole: the noise of a turbulent jet is broad, with its maximum near 0.2 times speed over diameter (Strouhal
 * number), which for millimetre holes lies in the upper kilohertz and beyond (Lighthill, 1952), and flutters a little.
 */
export class LeakHiss implements Voice {
  private readonly envelope: Envelope
  private readonly random: Random
  private readonly flutter: Wander
  private readonly filters = [highPass(2500), bandPass(6000, 0.5)]
  private readonly amplitude: number

  constructor(random: Random, fault: Fault) {
    this.envelope = new Envelope(fault, 0.2, 0.2)
    this.random = random
    this.flutter = new Wander(random, 0.3, 0.1, FRAME_SECONDS)
    this.amplitude = (fault.severity * MACHINE_RMS * fromDecibels(-16)) / shapedRms(this.filters)
  }

  add(frame: Frame, out: Float32Array): void {
    if (!this.envelope.touches(frame.start)) return
    const gain = this.amplitude * (1 + this.flutter.step())
    for (let i = 0; i < FRAME; i++) {
      let x = white(this.random)
      for (const filter of this.filters) x = filter.process(x)
      out[i] += this.envelope.at(frame.start + i) * gain * x
    }
  }
}
