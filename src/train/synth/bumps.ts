import type { Random } from '../../random.ts'
import { type Biquad, bandPass } from './biquad.ts'
import { FRAME, FRAME_SECONDS, type Frame, fromDecibels, SAMPLE_RATE, type Voice } from './frame.ts'
import { white } from './noise.ts'

/**
 * What happens in a workshop without anything being wrong: someone puts down a tool or knocks the stand. A short thump (a decaying
 * burst around 100 to 400 Hz), every half minute on average (a Poisson process).
 */
export class BumpsVoice implements Voice {
  private readonly random: Random
  private readonly level: number
  private readonly gap: number
  private wait: number
  private loudness = 0
  private decay = 0
  private filter: Biquad = bandPass(200, 2)

  /**
   * @param level peak of the loudest bump, full scale 1
   * @param gap mean seconds between bumps
   */
  constructor(random: Random, level: number, gap = 30) {
    this.random = random
    this.level = level
    this.gap = gap
    this.wait = this.nextWait()
  }

  add(_frame: Frame, out: Float32Array): void {
    this.wait -= FRAME_SECONDS
    if (this.wait <= 0) {
      this.wait = this.nextWait()
      this.loudness = this.level * fromDecibels(-12 * this.random.uniform())
      this.decay = Math.exp(-1 / (SAMPLE_RATE * (0.01 + 0.03 * this.random.uniform())))
      this.filter = bandPass(100 + 300 * this.random.uniform(), 2)
    }
    if (this.loudness < 1e-6) return
    for (let i = 0; i < FRAME; i++) {
      out[i] += this.loudness * this.filter.process(white(this.random))
      this.loudness *= this.decay
    }
  }

  private nextWait(): number {
    return -this.gap * Math.log(1 - this.random.uniform())
  }
}
