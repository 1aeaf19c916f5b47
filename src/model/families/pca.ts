import { seeded } from '../../random.ts'
import type { PcaConfig } from '../architectures/pca.ts'
import { principalAxes } from '../clusters/principal-axes.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { elementLoss } from '../losses.ts'
import { tf } from '../tf.ts'
import { meanOfRows } from './autoencoder.ts'
import type { Model, ModelContext } from './model.ts'

/**
 * Reconstructs items from their principal components. How many these are must be known before: `context.components` where the configuration
 * gives a share of variance. Until they are computed they are random directions.
 */
export function pca({ components, whiten, items }: PcaConfig, context: ModelContext): Model {
  const { featureShape, loss } = context
  const size = sizeOf(featureShape)
  const count = context.components ?? Math.max(1, Math.floor(components))
  const mean = tf.variable(tf.zeros([size]), false)
  const axes = tf.variable(randomAxes(count, size, context.seed), false)
  const deviation = tf.variable(tf.ones([count]), false)
  const places = (features: tf.Tensor) =>
    tf.matMul(tf.sub(tf.reshape(features, [-1, size]), mean), axes, false, true) as tf.Tensor
  const reconstruct = (projected: tf.Tensor) =>
    tf.reshape(tf.add(tf.matMul(projected, axes), mean), [-1, ...featureShape])
  return {
    featureShape,
    latentSize: count,
    layers: [],
    parts: {},
    statistics: [mean, axes, deviation],
    variables: { 'pca/mean': mean, 'pca/components': axes, ...(whiten && { 'pca/deviation': deviation }) },
    randoms: [],
    phases: [
      {
        name: 'components',
        updates: [],
        validate: ({ items }) => tf.mean(elementLoss(loss, reconstruct(places(items)), items)),
        keep: 'last',
        refresh: {
          most: items,
          due: epoch => epoch === 1,
          measure: features => tf.reshape(features, [-1, size]),
          update: rows => {
            const fitted = principalAxes(rows, size, count)
            mean.assign(tf.tensor1d(Float32Array.from(fitted.mean)))
            axes.assign(tf.tensor2d(flat(fitted.axes, size), [count, size]))
            deviation.assign(tf.tensor1d(fitted.variances.map(variance => (variance > 0 ? Math.sqrt(variance) : 1))))
          },
        },
      },
    ],
    score: features => {
      const projected = places(features)
      const reconstruction = reconstruct(projected)
      const error = elementLoss(loss, reconstruction, features)
      return {
        score: meanOfRows(error, size),
        latent: whiten ? tf.div(projected, deviation) : projected,
        reconstruction,
      }
    },
    dispose: () => tf.dispose([mean, axes, deviation]),
  }
}

function randomAxes(count: number, size: number, seed: number): tf.Tensor {
  const { normal } = seeded(seed)
  return tf.tensor2d(
    Float32Array.from({ length: count * size }, () => normal() / Math.sqrt(size)),
    [count, size],
  )
}

function flat(rows: readonly Float64Array[], size: number): Float32Array {
  const out = new Float32Array(rows.length * size)
  for (const [i, row] of rows.entries()) out.set(row, i * size)
  return out
}
