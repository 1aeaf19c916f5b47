import { tf, tfl } from '../../tf.ts'
import { convolvedLength, transposedLength } from '../lengths.ts'
import { firstEstimate, spectralNorm } from './spectral-norm.ts'

export interface ConvolutionArgs {
  name: string
  filters: number
  /** Kernel, stride and zero padding as [height, width]; one-dimensional convolutions have height 1. */
  kernel: readonly [number, number]
  stride: readonly [number, number]
  padding: readonly [number, number]
  /** Rows and columns added at the end of a transposed convolution's output. */
  outputPadding?: readonly [number, number]
  /** Default true. */
  bias?: boolean
  kernelInitializer: Initializer
  /** Seed of the kernel's spectral normalisation; none: it is used as it is. For convolutions that are not transposed. */
  spectralSeed?: number
}

export type Initializer = ReturnType<typeof tfl.initializers.glorotUniform>

type Pads = [[number, number], [number, number], [number, number], [number, number]]

const explicit = ([h, w]: readonly [number, number]): Pads => [
  [0, 0],
  [h, h],
  [w, w],
  [0, 0],
]

/** What both convolutions share: a kernel and a bias, and explicit padding, which tfjs-layers lacks. */
abstract class Convolution extends tfl.layers.Layer {
  protected readonly args: ConvolutionArgs
  protected kernel!: ReturnType<Convolution['addWeight']>
  protected bias: ReturnType<Convolution['addWeight']> | undefined

  constructor(args: ConvolutionArgs) {
    super({ name: args.name })
    this.args = args
  }

  protected abstract kernelShape(channels: number): number[]

  override build(inputShape: number[]): void {
    const shape = this.kernelShape(inputShape.at(-1)!)
    this.kernel = this.addWeight('kernel', shape, 'float32', this.args.kernelInitializer)
    if (this.args.bias !== false) {
      this.bias = this.addWeight('bias', [this.args.filters], 'float32', tfl.initializers.zeros())
    }
    this.built = true
  }
}

/** Convolution of `[n, h, w, c]` with zero padding. */
export class Conv extends Convolution {
  static className = 'AuscultConv'
  #u: ReturnType<Convolution['addWeight']> | undefined

  override build(inputShape: number[]): void {
    super.build(inputShape)
    const { filters, spectralSeed } = this.args
    if (spectralSeed === undefined) return
    this.#u = this.addWeight('u', [1, filters], 'float32', firstEstimate(spectralSeed), undefined, false)
  }

  protected override kernelShape(channels: number): number[] {
    return [...this.args.kernel, channels, this.args.filters]
  }

  override computeOutputShape([n, h, w]: number[]): number[] {
    const { filters, kernel, stride, padding } = this.args
    const lengths = [h, w].map((length, i) => convolvedLength(length, kernel[i], stride[i], padding[i]))
    return [n, ...lengths, filters]
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training }: { training?: boolean } = {}): tf.Tensor {
    const { stride, padding } = this.args
    return tf.fused.conv2d({
      x: (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D,
      filter: this.#filter(training) as tf.Tensor4D,
      strides: [...stride],
      pad: explicit(padding),
      bias: this.bias?.read(),
    })
  }

  #filter(training = false): tf.Tensor {
    if (!this.#u) return this.kernel.read()
    const { kernel, u } = spectralNorm(this.kernel.read(), this.#u.read())
    if (training) this.#u.write(u)
    return kernel
  }
}

/** Transposed convolution of `[n, h, w, c]` with zero padding and output padding. */
export class ConvTranspose extends Convolution {
  static className = 'AuscultConvTranspose'

  protected override kernelShape(channels: number): number[] {
    return [...this.args.kernel, this.args.filters, channels]
  }

  override computeOutputShape([n, h, w]: number[]): number[] {
    const { filters, kernel, stride, padding, outputPadding = [0, 0] } = this.args
    const lengths = [h, w].map((length, i) =>
      transposedLength(length, kernel[i], stride[i], padding[i], outputPadding[i]),
    )
    return [n, ...lengths, filters]
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const { stride, padding } = this.args
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D
    const shape = this.computeOutputShape(x.shape) as [number, number, number, number]
    const y = tf.conv2dTranspose(x, this.kernel.read() as tf.Tensor4D, shape, [...stride], explicit(padding))
    return this.bias ? tf.add(y, this.bias.read()) : y
  }
}
