import { bandsOf } from '../architectures/none.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { elementLoss } from '../losses.ts'
import { tf } from '../tf.ts'
import { meanOfRows } from './autoencoder.ts'
import { expectedItem } from './expected.ts'
import type { Model, ModelContext } from './model.ts'

/** Expects the mean of the training items; how far an item is from it is the score. */
export function none(context: ModelContext): Model {
  const { featureShape, loss } = context
  const { positions, size } = bandsOf(featureShape)
  const expected = expectedItem(context)
  const error = (items: tf.Tensor) => elementLoss(loss, expected.like(items), items)
  return {
    featureShape,
    latentSize: size,
    layers: [],
    parts: {},
    statistics: [expected.variable],
    variables: expected.variables,
    randoms: [],
    phases: [{ name: 'mean', updates: [], validate: ({ items }) => tf.mean(error(items)), keep: 'last' }],
    score: features => ({
      score: meanOfRows(error(features), sizeOf(featureShape)),
      latent: tf.mean(tf.reshape(features, [-1, positions, size]), 1),
      reconstruction: expected.like(features),
    }),
    dispose: () => expected.variable.dispose(),
  }
}
