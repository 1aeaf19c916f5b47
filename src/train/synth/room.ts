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
  private readonly wet = new Float32Array(FRAME)
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
    const { history, wet } = this
    const mask = history.length - 1
    for (let i = 0; i < FRAME; i++) history[(this.at + i) & mask] = wet[i] = sound[i]
    for (const { delay, gain } of this.taps) {
      for (let i = 0; i < FRAME; i++) wet[i] += gain * history[(this.at + i - delay) & mask]
    }
    this.at += FRAME
    for (const comb of this.combs) {
      const { line, feedback } = comb
      let { at, damped } = comb
      for (let i = 0; i < FRAME; i++) {
        const echo = line[at]
        damped = 0.7 * echo + 0.3 * damped
        line[at] = sound[i] + feedback * damped
        if (++at === line.length) at = 0
        wet[i] += 0.12 * echo
      }
      comb.at = at
      comb.damped = damped
    }
    sound.set(wet)
  }
}
