import { seeded } from '../../../random.ts'
import { tf, tfl } from '../../tf.ts'
import type { Initializer } from './convolution.ts'

export interface LstmArgs {
  name: string
  units: number
  /** Frames for which an input vector is repeated; absent: the input is a sequence. */
  repeat?: number
  returns: 'sequence' | 'last'
  backwards?: boolean
  /** Reads the sequence in both directions, and gives the states of both one after the other. */
  bidirectional?: boolean
  kernelInitializer: Initializer
  /** Of the recurrent weights. */
  seed: number
}

type Weight = ReturnType<tfl.layers.Layer['addWeight']>

interface Direction {
  kernel: Weight
  recurrent: Weight
  bias: Weight
  backwards: boolean
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997) with a forget gate (Gers et al. 2000): `[n, frames, d]` (or `[n, d]`,
 * repeated) to `[n, frames, units]` or the last state `[n, units]`. The gates i, f, g, o lie in this order, as in Keras and PyTorch; the
 * recurrent weights begin orthogonal and the forget gate's bias at 1 (Jozefowicz et al. 2015), as in Keras. What the input contributes
 * is one matrix product for all frames. The states are unrolled, so the graph grows with the frames. Frames that a mask leaves out carry the
 * states on unchanged, as after Keras's `Masking`.
 */
export class Lstm extends tfl.layers.Layer {
  static className = 'AuscultLstm'
  readonly #args: LstmArgs
  #directions: Direction[] = []

  constructor(args: LstmArgs) {
    super({ name: args.name })
    this.#args = args
  }

  override build(inputShape: number[]): void {
    const { units, backwards = false, bidirectional, kernelInitializer, seed } = this.#args
    const direction = (prefix: string, seed: number, backwards: boolean): Direction => ({
      kernel: this.addWeight(`${prefix}kernel`, [inputShape.at(-1)!, 4 * units], 'float32', kernelInitializer),
      recurrent: this.addWeight(`${prefix}recurrent_kernel`, [units, 4 * units], 'float32', orthogonal(seed)),
      bias: this.addWeight(`${prefix}bias`, [4 * units], 'float32', forgetBias),
      backwards,
    })
    this.#directions = [direction('', seed, backwards)]
    if (bidirectional) this.#directions.push(direction('backward_', seed + BACKWARD, !backwards))
    this.built = true
  }

  override computeOutputShape(shape: number[]): number[] {
    const { units, returns, repeat, bidirectional } = this.#args
    const size = bidirectional ? 2 * units : units
    return returns === 'last' ? [shape[0], size] : [shape[0], repeat ?? shape[1], size]
  }

  /** @param mask `[n, frames]`: 1, and 0 where a frame is left out */
  override call(inputs: tf.Tensor | tf.Tensor[], { mask }: { mask?: tf.Tensor } = {}): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs
    const [first, second] = this.#directions.map(direction => this.#read(direction, x, mask))
    return second ? tf.concat([first, second], first.rank - 1) : first
  }

  #read(direction: Direction, x: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor {
    const recurrent = direction.recurrent.read() as tf.Tensor2D
    // Copied: the gradient of a split takes its parts in the order of the array that the split gave.
    const inOrder = <T>(frames: T[]): T[] => (direction.backwards ? [...frames].reverse() : frames)
    const parts = inOrder(this.#projected(direction, x))
    const taken = mask && inOrder(tf.split(mask, parts.length, 1))
    const left = mask && inOrder(tf.split(tf.sub(1, mask), parts.length, 1))
    const states: tf.Tensor[] = []
    let hidden: tf.Tensor | undefined
    let cell: tf.Tensor | undefined
    for (const [frame, part] of parts.entries()) {
      const next = (state: tf.Tensor, before: tf.Tensor | undefined): tf.Tensor => {
        if (!taken || !left) return state
        const now = tf.mul(taken[frame], state)
        return before ? tf.add(now, tf.mul(left[frame], before)) : now
      }
      const sum: tf.Tensor = hidden ? tf.add(part, tf.matMul(hidden as tf.Tensor2D, recurrent)) : part
      const [i, f, g, o] = tf.split(sum, 4, 1)
      const input = tf.mul(tf.sigmoid(i), tf.tanh(g))
      const memory: tf.Tensor = cell ? tf.add(tf.mul(tf.sigmoid(f), cell), input) : input
      cell = next(memory, cell)
      hidden = next(tf.mul(tf.sigmoid(o), tf.tanh(memory)), hidden)
      states.push(hidden)
    }
    return this.#args.returns === 'last' ? hidden! : tf.stack(inOrder(states), 1)
  }

  /** What the input contributes to the gates of each frame, `[n, 4 × units]`. */
  #projected({ kernel: weights, bias: offset }: Direction, x: tf.Tensor): tf.Tensor[] {
    const { units, repeat } = this.#args
    const kernel = weights.read() as tf.Tensor2D
    const bias = offset.read()
    if (repeat) {
      const once = tf.add(tf.matMul(x as tf.Tensor2D, kernel), bias)
      return Array.from({ length: repeat }, () => once)
    }
    const [n, frames, size] = x.shape as [number, number, number]
    const rows = tf.add(tf.matMul(tf.reshape(x, [n * frames, size]) as tf.Tensor2D, kernel), bias)
    return tf.unstack(tf.reshape(rows, [n, frames, 4 * units]), 1)
  }
}

/** Tells the seeds of the two directions apart. */
const BACKWARD = 499_979

const weightsFrom = (name: string, values: (shape: number[]) => Float32Array): Initializer =>
  ({ apply: (shape: number[]) => tf.tensor(values(shape), shape), getClassName: () => name }) as unknown as Initializer

/** 1 for the forget gate, 0 for the others. */
const forgetBias = weightsFrom('ForgetBias', ([size]) =>
  Float32Array.from({ length: size }, (_, k) => (Math.floor((4 * k) / size) === 1 ? 1 : 0)),
)

/** `[rows, 4 × rows]` whose rows are orthogonal and of length 1 (Saxe et al. 2014), by Gram and Schmidt's method. */
const orthogonal = (seed: number): Initializer =>
  weightsFrom('OrthogonalRows', ([rows, columns]) => {
    const random = seeded(seed)
    const values = Float64Array.from({ length: rows * columns }, () => random.normal())
    const row = (i: number) => values.subarray(i * columns, (i + 1) * columns)
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, k) => sum + value * b[k], 0)
    for (let i = 0; i < rows; i++) {
      const current = row(i)
      for (let j = 0; j < i; j++) {
        const other = row(j)
        const along = dot(current, other)
        for (let k = 0; k < columns; k++) current[k] -= along * other[k]
      }
      const length = Math.sqrt(dot(current, current))
      for (let k = 0; k < columns; k++) current[k] /= length
    }
    return Float32Array.from(values)
  })
