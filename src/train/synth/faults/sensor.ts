import type { Random } from '../../../random.ts'
import { FRAME, type Frame, fromDecibels, type Voice } from '../frame.ts'
import { white } from '../noise.ts'
import { Envelope, type Fault } from './fault.ts'

/** Noise of an open microphone input, full scale 1. */
const OPEN_INPUT = fromDecibels(-88)

/**
 * The microphone's cable comes off: its signal falls to the noise of the open input at once, and comes back at once. Works on what the
 * microphone hears, and has no degrees: severity plays no part. The machine may be well; that nobody listens to it any more is what must
 * be noticed.
 */
export class DroppedSensor implements Voice {
  private readonly envelope: Envelope
  private readonly random: Random

  constructor(random: Random, fault: Fault) {
    this.envelope = new Envelope(fault, 0, 0)
    this.random = random
  }

  add(frame: Frame, out: Float32Array): void {
    if (!this.envelope.touches(frame.start)) return
    for (let i = 0; i < FRAME; i++) {
      if (this.envelope.at(frame.start + i) > 0) out[i] = OPEN_INPUT * white(this.random)
    }
  }
}
