import { seeded } from '../../random.ts'
import { type Biquad, highPass, peak } from './biquad.ts'
import type { Fault } from './faults/fault.ts'
import { faultVoice, isSensorFault } from './faults/index.ts'
import { FRAME, FRAME_SECONDS, type Frame, fromDecibels, newFrame, type Voice } from './frame.ts'
import { type MachineSpec, machineSpec, machineVoices } from './machine.ts'
import { white } from './noise.ts'
import { Room } from './room.ts'
import { Shaft } from './shaft.ts'
import { Wander } from './wander.ts'

export interface SynthesizerOptions {
  /** Which machine, room and microphone. */
  seed: number
  /** Which recording of it: another take has other loads, noise and bumps. Default 0. */
  take?: number
  faults?: readonly Fault[]
}

/** Noise of microphone and amplifier, full scale 1. */
const SELF_NOISE = fromDecibels(-76)

/**
 * The sound of a machine at one microphone, 16 kHz, mono, full scale 1: rotor, belt, bearings and flow through the modes of a housing, the
 * reflections of a room, and a microphone whose gain drifts. Streams: constant memory, any length, the same in blocks of any size.
 * Faults have random streams of their own, so that a take with faults equals the take without them up to the first onset.
 */
export class Synthesizer {
  readonly spec: MachineSpec
  private readonly frame: Frame = newFrame()
  private readonly buffer = new Float32Array(FRAME)
  private used = FRAME
  private started = false
  private readonly shaft: Shaft
  private readonly voices: readonly Voice[]
  private readonly sensorFaults: readonly Voice[]
  private readonly modes: readonly Biquad[]
  private readonly room: Room
  private readonly gain: Wander
  private readonly noise: () => number
  private readonly lowCut: Biquad = highPass(15)

  constructor({ seed, take = 0, faults = [] }: SynthesizerOptions) {
    const stream = (n: number) => seeded(seed, take, n)
    this.spec = machineSpec(seed)
    this.shaft = new Shaft(stream(0), this.spec.turns)
    const pick = (sensor: boolean) =>
      faults.flatMap((fault, i) =>
        isSensorFault(fault) === sensor ? [faultVoice(stream(1000 + i), fault, this.spec)] : [],
      )
    this.voices = [...machineVoices(this.spec, stream), ...pick(false)]
    this.sensorFaults = pick(true)
    this.modes = this.spec.housing.map(({ hz, q, db }) => peak(hz, q, db))
    this.room = new Room(seeded(seed, 0x726f6f6d))
    this.gain = new Wander(stream(90), 40, 0.7, FRAME_SECONDS)
    const selfNoise = stream(91)
    this.noise = () => SELF_NOISE * white(selfNoise)
  }

  /** The next samples of the take. */
  read(samples: number): Float32Array {
    const out = new Float32Array(samples)
    for (let filled = 0; filled < samples; ) {
      if (this.used === FRAME) this.render()
      const n = Math.min(FRAME - this.used, samples - filled)
      out.set(this.buffer.subarray(this.used, this.used + n), filled)
      this.used += n
      filled += n
    }
    return out
  }

  private render(): void {
    const { frame, buffer } = this
    if (this.started) frame.start += FRAME
    this.started = true
    this.used = 0
    this.shaft.advance(frame)
    buffer.fill(0)
    for (const voice of this.voices) voice.add(frame, buffer)
    for (const mode of this.modes) mode.processAll(buffer)
    this.room.process(buffer)
    const gain = fromDecibels(this.gain.step())
    for (let i = 0; i < FRAME; i++) buffer[i] *= gain
    this.lowCut.processAll(buffer)
    for (let i = 0; i < FRAME; i++) buffer[i] += this.noise()
    for (const fault of this.sensorFaults) fault.add(frame, buffer)
    for (let i = 0; i < FRAME; i++) buffer[i] = Math.max(-1, Math.min(1, buffer[i]))
  }
}
