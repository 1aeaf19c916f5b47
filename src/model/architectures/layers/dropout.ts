import { tf, tfl } from '../../tf.ts'

/**
 * Dropout whose mask comes from outside: random numbers made inside a traced function would be frozen into the graph. The trainer
 * feeds a mask of 0 and 1 / (1 − rate) for each step, so that a seeded run can be repeated and resumed.
 */
export class MaskedDropout extends tfl.layers.Layer {
  static className = 'AuscultMaskedDropout'
  readonly rate: number
  /** Shape of one item's mask; known after the layer is built. */
  maskShape: number[] = []
  mask: tf.Tensor | undefined

  constructor({ name, rate }: { name: string; rate: number }) {
    super({ name })
    this.rate = rate
  }

  override build(inputShape: number[]): void {
    this.maskShape = inputShape.slice(1)
    this.built = true
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training }: { training?: boolean }): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs
    if (!training) return x.clone()
    if (!this.mask) throw new Error(`dropout layer ${this.name} was given no mask`)
    return tf.mul(x, this.mask)
  }
}
