import { tf, tfl } from '../../tf.ts'

/** Weight of the old moving average at each step, and the constant that keeps the division finite: Keras's defaults. */
const MOMENTUM = 0.99
const EPSILON = 1e-3

type Weight = ReturnType<tfl.layers.Layer['addWeight']>

/**
 * Batch normalisation over the last axis (Ioffe and Szegedy, 2015). The gradient is the closed form, which touches the input a third
 * as often as the gradient that automatic differentiation derives.
 */
export class BatchNorm extends tfl.layers.Layer {
  static className = 'AuscultBatchNorm'
  #gamma!: Weight
  #beta!: Weight
  #mean!: Weight
  #variance!: Weight

  override build(inputShape: number[]): void {
    const { zeros, ones } = tfl.initializers
    const shape = [inputShape.at(-1)!]
    this.#gamma = this.addWeight('gamma', shape, 'float32', ones())
    this.#beta = this.addWeight('beta', shape, 'float32', zeros())
    this.#mean = this.addWeight('moving_mean', shape, 'float32', zeros(), undefined, false)
    this.#variance = this.addWeight('moving_variance', shape, 'float32', ones(), undefined, false)
    this.built = true
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training }: { training?: boolean }): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs
    if (!training) {
      return tf.batchNorm(
        x as tf.Tensor4D,
        this.#mean.read() as tf.Tensor1D,
        this.#variance.read() as tf.Tensor1D,
        this.#beta.read() as tf.Tensor1D,
        this.#gamma.read() as tf.Tensor1D,
        EPSILON,
      )
    }
    const { mean, variance } = moments(x)
    this.#mean.write(movingAverage(this.#mean.read(), mean))
    this.#variance.write(movingAverage(this.#variance.read(), variance))
    return normalize(x, this.#gamma.read(), this.#beta.read())
  }
}

const movingAverage = (old: tf.Tensor, value: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(old, MOMENTUM), tf.mul(value, 1 - MOMENTUM))

const allButLast = (x: tf.Tensor): number[] => Array.from({ length: x.rank - 1 }, (_, i) => i)

function moments(x: tf.Tensor): { mean: tf.Tensor; centered: tf.Tensor; variance: tf.Tensor } {
  const axes = allButLast(x)
  const mean = tf.mean(x, axes)
  const centered = tf.sub(x, mean)
  return { mean, centered, variance: tf.mean(tf.square(centered), axes) }
}

/**
 * γ (x − mean) / √(variance + ε) + β. With a = γ / √(variance + ε) and c = x − mean, the gradient is
 * dx = a (dy − mean(dy)) − c · a mean(dy c) / (variance + ε). It recomputes c from x, so that it can be differentiated again; in a
 * traced graph the recomputation is shared with the forward pass.
 */
function normalize(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [input, scale, offset] = args.slice(0, 3) as tf.Tensor[]
    const save = args[3] as tf.GradSaveFunc
    save([input, scale])
    const { centered, variance } = moments(input)
    const value = tf.add(tf.mul(centered, tf.mul(scale, inverseDeviation(variance))), offset)
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const axes = allButLast(dy)
      const { centered, variance } = moments(saved[0])
      const inverse = inverseDeviation(variance)
      const factor = tf.mul(saved[1], inverse)
      const dot = tf.sum(tf.mul(dy, centered), axes)
      const total = tf.sum(dy, axes)
      const count = dy.size / total.size
      const slope = tf.mul(tf.mul(factor, tf.square(inverse)), tf.div(dot, count))
      const shift = tf.mul(factor, tf.div(total, count))
      const dx = tf.sub(tf.mul(dy, factor), tf.add(tf.mul(centered, slope), shift))
      return [dx, tf.mul(dot, inverse), total]
    }
    return { value, gradFunc }
  })
  return op(x, gamma, beta)
}

const inverseDeviation = (variance: tf.Tensor): tf.Tensor => tf.rsqrt(tf.add(variance, EPSILON))
