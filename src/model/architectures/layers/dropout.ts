import type { Random } from '../../../random.ts'
import { tf, tfl } from '../../tf.ts'
import type { RandomInput } from '../random-input.ts'

/** Dropout whose mask of 0 and 1 / (1 − rate) comes from outside, see RandomInput. Shorter sequences take the beginning of the mask. */
export class MaskedDropout extends tfl.layers.Layer implements RandomInput {
  static className = 'AuscultMaskedDropout'
  readonly rate: number
  itemShape: number[] = []
  value: tf.Tensor | undefined

  constructor({ name, rate }: { name: string; rate: number }) {
    super({ name })
    this.rate = rate
  }

  override build(inputShape: number[]): void {
    this.itemShape = inputShape.slice(1)
    this.built = true
  }

  /** The expectation stays. */
  draw(random: Random): number {
    return random.uniform() < this.rate ? 0 : 1 / (1 - this.rate)
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training }: { training?: boolean }): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs
    if (!training) return x.clone()
    if (!this.value) throw new Error(`dropout layer ${this.name} was given no mask`)
    const [, frames] = x.shape
    const mask = frames < this.value.shape[1]! ? tf.slice(this.value, [0, 0], [-1, frames]) : this.value
    return tf.mul(x, mask)
  }
}
