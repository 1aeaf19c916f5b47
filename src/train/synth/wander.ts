import type { Random } from '../../random.ts'

/**
 * A quantity that drifts around 0: an Ornstein–Uhlenbeck process, sampled exactly, so that its spread does not depend
 * on the step. Its stationary distribution is normal with deviation `deviation`; it forgets itself after `seconds`.
 */
export class Wander {
  value: number
  private readonly keep: number
  private readonly kick: number
  private readonly random: Random

  constructor(random: Random, seconds: number, deviation: number, stepSeconds: number) {
    this.random = random
    this.keep = Math.exp(-stepSeconds / seconds)
    this.kick = deviation * Math.sqrt(1 - this.keep ** 2)
    this.value = deviation * random.normal()
  }

  step(): number {
    this.value = this.keep * this.value + this.kick * this.random.normal()
    return this.value
  }
}
