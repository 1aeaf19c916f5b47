import { type IdEmbeddingConfig, idEmbedding } from '../architectures/id-embedding.ts'
import { Draws } from '../architectures/random-input.ts'
import { buildStack } from '../architectures/stack.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { tf } from '../tf.ts'
import type { NamedLayer } from '../trace/trace.ts'
import { arcfaceLogits, cosines, normalizeRows, randomCentres } from './arcface.ts'
import { countClasses, crossEntropy, oneHot } from './class-scores.ts'
import { expectedItem } from './expected.ts'
import type { Model, ModelContext, TensorBatch } from './model.ts'

/**
 * Tells machines, or any classes, apart by the direction of an embedding, with an angular margin between them (ArcFace, Deng et al. 2019; with
 * several centres for each class Deng et al. 2020). What is near to no centre is anomalous: the score is 1 − the largest cosine. The latent is
 * the embedding as it is, not brought to length 1: detectors find more in it so.
 * @throws AUSCULT_SHAPE, AUSCULT_CONFIG without classes
 */
export function idEmbeddingModel(config: IdEmbeddingConfig, context: ModelContext): Model {
  const { featureShape, seed, classWeights } = context
  const classes = countClasses(config.type, context)
  const { maps, positions, size, dense } = idEmbedding(config, featureShape)
  const { initializer, embedding, scale } = config
  const body = buildStack(maps, featureShape, { name: 'map', initializer, seed })
  const head = buildStack(dense, [size], { name: 'embedding', initializer, seed, first: maps.length })
  const centres = randomCentres(embedding, classes * config.subclusters, seed)
  const expected = expectedItem(context)
  const mixing = config.mixup ? [new Draws([1], 'uniform')] : []

  const embed = (items: tf.Tensor, training: boolean) => {
    const vectors = tf.reshape(body.run(items, training), [-1, positions, size])
    return head.run(tf.mean(vectors, 1), training)
  }
  const cosinesOf = (rows: tf.Tensor) => cosines(normalizeRows(rows), centres, classes)
  const lossOf = (cosine: tf.Tensor, labels: tf.Tensor, share?: tf.Tensor) =>
    crossEntropy(arcfaceLogits(cosine, oneHot(labels, classes), config), labels, classWeights!, share)
  const mixedLoss = ({ items, labels }: TensorBatch) => {
    // Batches are in random order: the item at the other end is as good a partner as any.
    const share = mixing[0].read()
    const rows = tf.reshape(items, [items.shape[0], sizeOf(featureShape)])
    const mixed = tf.add(tf.mul(share, rows), tf.mul(tf.sub(1, share), tf.reverse(rows, 0)))
    const cosine = cosinesOf(embed(tf.reshape(mixed, items.shape), true))
    const first = tf.reshape(share, [-1])
    return tf.add(lossOf(cosine, labels!, first), lossOf(cosine, tf.reverse(labels!, 0), tf.sub(1, first))) as tf.Scalar
  }
  return {
    featureShape,
    latentSize: embedding,
    layers: [...body.layers, ...head.layers] as unknown as NamedLayer[],
    parts: { weights: [...body.trainable, ...head.trainable, centres] },
    statistics: [...body.statistics, ...head.statistics, expected.variable],
    variables: { ...body.variables, ...head.variables, 'classes/centres': centres, ...expected.variables },
    randoms: [...body.randoms, ...head.randoms, ...mixing],
    takesLabels: true,
    phases: [
      {
        name: 'classification',
        updates: [
          {
            part: 'weights',
            loss: batch =>
              config.mixup ? mixedLoss(batch) : lossOf(cosinesOf(embed(batch.items, true)), batch.labels!),
          },
        ],
        validate: ({ items, labels }) => lossOf(cosinesOf(embed(items, false)), labels!),
        keep: 'best',
      },
    ],
    score: features => {
      const latent = embed(features, false)
      const cosine = cosinesOf(latent)
      return {
        // Rounding may bring a cosine above 1.
        score: tf.relu(tf.sub(1, tf.max(cosine, 1))),
        latent,
        reconstruction: expected.like(features),
        probabilities: tf.softmax(tf.mul(cosine, scale) as tf.Tensor2D),
      }
    },
    dispose: () => {
      body.dispose()
      head.dispose()
      tf.dispose([centres, expected.variable])
    },
  }
}
