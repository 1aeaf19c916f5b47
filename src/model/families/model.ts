import type { RandomInput } from '../architectures/random-input.ts'
import type { Loss } from '../loss-names.ts'
import type { tf } from '../tf.ts'
import type { NamedLayer } from '../trace/trace.ts'

/** What a step or an evaluation sees. */
export interface TensorBatch {
  /** `[n, …featureShape]` */
  readonly items: tf.Tensor
  /** Index of each item's class, `[n]`; for families that learn classes. */
  readonly labels?: tf.Tensor
}

/** One optimiser step. Those of a step are taken in order, each with the weights that the ones before it have changed. */
export interface Update {
  /** The weights that follow the gradient. */
  readonly part: string
  /** It is taken at every so-many-th step of its phase; default 1. */
  readonly every?: number
  loss(batch: TensorBatch): tf.Scalar
}

/** Numbers that are computed from all training items at once, and not by gradients. */
export interface Refresh {
  /** Whether it is computed before an epoch of the phase, from 1. */
  due(epoch: number): boolean
  /** From how many of them, evenly chosen; absent: from all. */
  readonly most?: number
  /** What is needed of each item: `[n, width]`. */
  measure(items: tf.Tensor): tf.Tensor
  /** Assigns variables of `statistics`. @param rows `[items × width]`, in the order of the files */
  update(rows: Float32Array, width: number): void
}

/** A stretch of training with its own losses. Each begins with the weights that the one before left, and fresh optimisers. */
export interface Phase {
  /** Shown while training, where there are several. */
  readonly name: string
  /** At most; absent: those of the configuration. */
  readonly epochs?: number
  /** The loss of the first is that of the training batches. None: what there is to learn is computed by `refresh`. */
  readonly updates: readonly Update[]
  /** Mean loss of a batch in inference mode. */
  validate(batch: TensorBatch): tf.Scalar
  /** Which weights go on: those of the epoch of the least validation loss, or the last ones where no loss tells good from bad. */
  readonly keep: 'best' | 'last'
  readonly refresh?: Refresh
}

/** What is made of features: `score [n]`, `latent [n, d]`, `reconstruction [n, …]`; of classifiers `probabilities [n, classes]` too. */
export interface Scored {
  readonly score: tf.Tensor
  readonly latent: tf.Tensor
  /** What is expected of an item. Families without a decoder expect the mean of the training items. */
  readonly reconstruction: tf.Tensor
  readonly probabilities?: tf.Tensor
}

/** What a family gives to the trainer and to scoring: its networks on TensorFlow.js, what each is taught, and how items are scored. */
export interface Model {
  readonly featureShape: readonly number[]
  readonly latentSize: number
  /** To be named in errors. */
  readonly layers: readonly NamedLayer[]
  /** Weights by the updates that change them. An autoencoder has the one part `weights`. */
  readonly parts: Readonly<Record<string, readonly tf.Variable[]>>
  /** What changes without a gradient: moving averages of batch normalisation, a centre. */
  readonly statistics: readonly tf.Variable[]
  /** Those that scoring needs, by layer and name, for example `encoder_1_dense/kernel`. The graph that scores names them so. */
  readonly variables: Readonly<Record<string, tf.Variable>>
  readonly randoms: readonly RandomInput[]
  readonly phases: readonly Phase[]
  /** Whether it learns classes. */
  readonly takesLabels?: boolean
  /** Scores come from moving averages of the weights, old × average + new × (1 − average) after each step; absent: from the weights. */
  readonly average?: number
  /** In inference mode. @param features `[n, …featureShape]` */
  score(features: tf.Tensor): Scored
  dispose(): void
}

/** What a model is built for. */
export interface ModelContext {
  readonly featureShape: readonly number[]
  readonly seed: number
  /** Between features and reconstruction, in families that have one. */
  readonly loss: Loss
  /** Mean of the training items; default zero. */
  readonly expected?: Float32Array
  /** Of `pca`: how many there are, where the configuration gives a share of variance. */
  readonly components?: number
  /** Of families that learn classes: how much an item of each counts. */
  readonly classWeights?: readonly number[]
  /** Their names, in the same order. */
  readonly classes?: readonly string[]
}
