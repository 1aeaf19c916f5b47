import { tf, tfl } from '../../tf.ts'

export interface BatchNormArgs {
  name: string
  /** Whether a learned scale and shift follow; default true. */
  affine?: boolean
  /** Weight of the old moving average at each step; Keras's default 0.99. */
  momentum?: number
  /** Keeps the division finite; Keras's default 0.001. */
  epsilon?: number
}

type Weight = ReturnType<tfl.layers.Layer['addWeight']>

/**
 * Batch normalisation over the last axis (Ioffe and Szegedy, 2015). The gradient is the closed form, which touches the input a third
 * as often as the gradient that automatic differentiation derives.
 */
export class BatchNorm extends tfl.layers.Layer {
  static className = 'AuscultBatchNorm'
  readonly #momentum: number
  readonly #epsilon: number
  readonly #affine: boolean
  #gamma: Weight | undefined
  #beta: Weight | undefined
  #mean!: Weight
  #variance!: Weight

  constructor({ name, affine = true, momentum = 0.99, epsilon = 1e-3 }: BatchNormArgs) {
    super({ name })
    this.#affine = affine
    this.#momentum = momentum
    this.#epsilon = epsilon
  }

  override build(inputShape: number[]): void {
    const { zeros, ones } = tfl.initializers
    const shape = [inputShape.at(-1)!]
    if (this.#affine) {
      this.#gamma = this.addWeight('gamma', shape, 'float32', ones())
      this.#beta = this.addWeight('beta', shape, 'float32', zeros())
    }
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
        this.#beta?.read() as tf.Tensor1D,
        this.#gamma?.read() as tf.Tensor1D,
        this.#epsilon,
      )
    }
    const { mean, variance } = moments(x)
    this.#mean.write(this.#average(this.#mean, mean))
    this.#variance.write(this.#average(this.#variance, variance))
    const gamma = this.#gamma?.read() ?? tf.onesLike(mean)
    const beta = this.#beta?.read() ?? tf.zerosLike(mean)
    return normalize(x, gamma, beta, this.#epsilon)
  }

  #average(old: Weight, value: tf.Tensor): tf.Tensor {
    return tf.add(tf.mul(old.read(), this.#momentum), tf.mul(value, 1 - this.#momentum))
  }
}

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
function normalize(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): tf.Tensor {
  const inverseDeviation = (variance: tf.Tensor) => tf.rsqrt(tf.add(variance, epsilon))
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
