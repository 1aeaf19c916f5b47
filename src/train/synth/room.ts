import type { Random } from '../../random.ts'
import { FRAME, SAMPLE_RATE } from './frame.ts'

interface Comb {
  readonly line: Float32Array
  at: number
  damped: number
  readonly feedback: number
}

/**
 * A small workshop between machine and microphone: direct sound, six early reflections, and a short tail from parallel comb
 * filters whose feedback loses treble (Schroeder, "Natural sounding artificial reverberation", 1962; Moorer, 1979).
 */
export class Room {
  private readonly history = new Float32Array(1024)
  private readonly taps: { delay: number; gain: number }[]
  private readonly combs: Comb[]
  private at = 0

  /** @param decay seconds in which the tail falls by 60 dB */
  constructor(random: Random, decay = 0.3) {
    this.taps = Array.from({ length: 6 }, (_, i) => ({
      delay: Math.round((0.002 + 0.006 * (i + random.uniform())) * SAMPLE_RATE),
      gain: (random.uniform() < 0.5 ? -1 : 1) * 0.45 * 0.78 ** i,
    }))
    this.combs = [0.0297, 0.0371, 0.0411, 0.0437].map(seconds => {
      const delay = seconds * (0.95 + 0.1 * random.uniform())
      const line = new Float32Array(Math.round(delay * SAMPLE_RATE))
      return { line, at: 0, damped: 0, feedback: 10 ** ((-3 * delay) / decay) }
    })
  }

  /** Replaces dry sound by what the microphone hears of it. `[FRAME]` */
  process(sound: Float32Array): void {
    const mask = this.history.length - 1
    for (let i = 0; i < FRAME; i++) {
      const dry = sound[i]
      this.history[this.at & mask] = dry
      let wet = dry
      for (const tap of this.taps) wet += tap.gain * this.history[(this.at - tap.delay) & mask]
      for (const comb of this.combs) {
        const echo = comb.line[comb.at]
        comb.damped = 0.7 * echo + 0.3 * comb.damped
        comb.line[comb.at] = dry + comb.feedback * comb.damped
        comb.at = (comb.at + 1) % comb.line.length
        wet += 0.12 * echo
      }
      this.at++
      sound[i] = wet
    }
  }
}
