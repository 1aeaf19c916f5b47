import { tf, tfl } from '../../tf.ts'
import type { Initializer } from './convolution.ts'
import { firstEstimate, spectralNorm } from './spectral-norm.ts'

export interface SpectralDenseArgs {
  name: string
  units: number
  kernelInitializer: Initializer
  /** Of the first estimate of the leading singular vector. */
  seed: number
}

type Weight = ReturnType<tfl.layers.Layer['addWeight']>

/** Fully connected layer on `[n, d]` whose kernel has spectral norm 1, see spectralNorm. */
export class SpectralDense extends tfl.layers.Layer {
  static className = 'AuscultSpectralDense'
  readonly #args: SpectralDenseArgs
  #kernel!: Weight
  #bias!: Weight
  #u!: Weight

  constructor(args: SpectralDenseArgs) {
    super({ name: args.name })
    this.#args = args
  }

  override build(inputShape: number[]): void {
    const { units, kernelInitializer, seed } = this.#args
    this.#kernel = this.addWeight('kernel', [inputShape.at(-1)!, units], 'float32', kernelInitializer)
    this.#bias = this.addWeight('bias', [units], 'float32', tfl.initializers.zeros())
    this.#u = this.addWeight('u', [1, units], 'float32', firstEstimate(seed), undefined, false)
    this.built = true
  }

  override computeOutputShape([n]: number[]): number[] {
    return [n, this.#args.units]
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training }: { training?: boolean }): tf.Tensor {
    const { kernel, u } = spectralNorm(this.#kernel.read(), this.#u.read())
    if (training) this.#u.write(u)
    const a = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor2D
    return tf.fused.matMul({ a, b: kernel as tf.Tensor2D, bias: this.#bias.read() })
  }
}
