import { tf, tfl } from '../../tf.ts'

const only = (inputs: tf.Tensor | tf.Tensor[]): tf.Tensor => (Array.isArray(inputs) ? inputs[0] : inputs)

/** Passes its input on, and holds it for a later layer of the same pass. */
export class Keep extends tfl.layers.Layer {
  static className = 'AuscultKeep'
  value: tf.Tensor | undefined
  shape: number[] = []

  override build(inputShape: number[]): void {
    this.shape = inputShape
    this.built = true
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    this.value = only(inputs)
    return this.value.clone()
  }
}

interface WithKept {
  name: string
  kept: Keep
}

/** Its input and what was kept, one after the other along the channels. */
export class Concat extends tfl.layers.Layer {
  static className = 'AuscultConcat'
  readonly #kept: Keep

  constructor({ name, kept }: WithKept) {
    super({ name })
    this.#kept = kept
  }

  override computeOutputShape(shape: number[]): number[] {
    return [...shape.slice(0, -1), shape.at(-1)! + this.#kept.shape.at(-1)!]
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.concat([only(inputs), this.#kept.value!], -1)
  }
}

/** Frame `frame`, from 0, of `frames` that a vector holds one after the other. */
interface Place {
  frame: number
  frames: number
}

/** What is before a frame and what is after it. */
function around(x: tf.Tensor, { frame, frames }: Place): { before: tf.Tensor; after: tf.Tensor } {
  const bins = x.shape[1]! / frames
  const before = tf.slice(x, [0, 0], [-1, frame * bins])
  const after = tf.slice(x, [0, (frame + 1) * bins], [-1, (frames - frame - 1) * bins])
  return { before, after }
}

/** `[n, frames × bins]` without one of the frames. */
export class LeaveOut extends tfl.layers.Layer {
  static className = 'AuscultLeaveOut'
  readonly #place: Place

  constructor({ name, ...place }: { name: string } & Place) {
    super({ name })
    this.#place = place
  }

  override computeOutputShape([n, size]: number[]): number[] {
    return [n, size - size / this.#place.frames]
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const { before, after } = around(only(inputs), this.#place)
    return tf.concat([before, after], 1)
  }
}

/** A frame `[n, bins]` in its place among those that were kept, `[n, frames × bins]`. */
export class PutIn extends tfl.layers.Layer {
  static className = 'AuscultPutIn'
  readonly #place: Place
  readonly #kept: Keep

  constructor({ name, kept, ...place }: WithKept & Place) {
    super({ name })
    this.#place = place
    this.#kept = kept
  }

  override computeOutputShape([n, bins]: number[]): number[] {
    return [n, bins * this.#place.frames]
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const { before, after } = around(this.#kept.value!, this.#place)
    return tf.concat([before, only(inputs), after], 1)
  }
}
