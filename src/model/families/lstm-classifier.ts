import { classifierHead, type LstmClassifierConfig, lstmClassifier } from '../architectures/lstm-classifier.ts'
import { buildStack } from '../architectures/stack.ts'
import { tf } from '../tf.ts'
import type { NamedLayer } from '../trace/trace.ts'
import { countClasses, crossEntropy, normalClasses, surpriseOf, surpriseOfLikeliest } from './class-scores.ts'
import { expectedItem } from './expected.ts'
import type { Model, ModelContext, TensorBatch } from './model.ts'

/**
 * Tells classes of sequences apart: LSTM layers (Hochreiter and Schmidhuber 1997), of which the last state, or the mean of all, goes through
 * a dense layer to the probabilities of the classes. Frames that are 0 in all bins are masked: they carry the states on. Items may have any
 * number of frames.
 * @throws AUSCULT_SHAPE, AUSCULT_CONFIG without classes, and for normal classes that are absent
 */
export function lstmClassifierModel(config: LstmClassifierConfig, context: ModelContext): Model {
  const { featureShape, seed } = context
  const { frames, bins, encoder: specs } = lstmClassifier(config, featureShape)
  const classes = countClasses(config.type, context)
  const normal = config.normal && normalClasses(config.normal, context.classes)
  const { initializer, pool } = config
  const encoder = buildStack(specs, [frames, bins], { name: 'encoder', initializer, seed })
  const latentSize = encoder.outputShape.at(-1)!
  const options = { name: 'classifier', initializer, seed, first: specs.length }
  const head = buildStack(classifierHead(config, classes), [latentSize], options)
  const expected = expectedItem(context)

  const forward = (items: tf.Tensor, training: boolean) => {
    const [n, length] = items.shape as number[]
    const sequence = tf.reshape(items, [n, length, bins])
    const mask = realFrames(sequence)
    const states = encoder.run(sequence, training, mask)
    const latent = pool === 'mean' ? meanOfFrames(states, mask) : states
    return { latent, logits: head.run(latent, training) }
  }
  const loss = ({ items, labels }: TensorBatch, training: boolean) =>
    crossEntropy(forward(items, training).logits, labels!, context.classWeights!)
  return {
    featureShape,
    latentSize,
    layers: [...encoder.layers, ...head.layers] as unknown as NamedLayer[],
    parts: { weights: [...encoder.trainable, ...head.trainable] },
    statistics: [expected.variable],
    variables: { ...encoder.variables, ...head.variables, ...expected.variables },
    randoms: [...encoder.randoms, ...head.randoms],
    takesLabels: true,
    phases: [
      {
        name: 'classification',
        updates: [{ part: 'weights', loss: batch => loss(batch, true) }],
        validate: batch => loss(batch, false),
        keep: 'best',
      },
    ],
    score: features => {
      const { latent, logits } = forward(features, false)
      return {
        score: normal ? surpriseOf(logits, normal) : surpriseOfLikeliest(logits),
        latent,
        reconstruction: expected.like(features),
        probabilities: tf.softmax(logits),
      }
    },
    dispose: () => {
      encoder.dispose()
      head.dispose()
      expected.variable.dispose()
    },
  }
}

/** 1 for frames of which some value is not 0, and 0 for the others, `[n, frames]`. */
const realFrames = (sequence: tf.Tensor): tf.Tensor => tf.sign(tf.max(tf.abs(sequence), 2))

/** `[n, frames, d]` to `[n, d]`: the mean over frames that are not masked. */
function meanOfFrames(states: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  const sum = tf.sum(tf.mul(states, tf.expandDims(mask, 2)), 1)
  return tf.div(sum, tf.maximum(tf.sum(mask, 1, true), 1))
}
