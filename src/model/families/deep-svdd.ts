import { type DeepSvddConfig, deepSvdd as layersOf } from '../architectures/deep-svdd.ts'
import { buildStack, type Stack } from '../architectures/stack.ts'
import { elementLoss } from '../losses.ts'
import { tf } from '../tf.ts'
import type { NamedLayer } from '../trace/trace.ts'
import { expectedItem } from './expected.ts'
import type { Model, ModelContext, Phase } from './model.ts'

/**
 * Maps normal items close to a centre (Ruff et al. 2018, section 3). The score is the squared distance from it, for both objectives: what
 * lies inside of the sphere has scores too. The centre is the mean output over the training items before training.
 * @throws AUSCULT_SHAPE, AUSCULT_CONFIG
 */
export function deepSvdd(config: DeepSvddConfig, context: ModelContext): Model {
  const { featureShape, seed, loss } = context
  const { initializer, objective, nu } = config
  const spec = layersOf(config, featureShape)
  const encoder = buildStack(spec.encoder, featureShape, { name: 'encoder', initializer, seed })
  const first = spec.encoder.length
  const decoder = spec.decoder && buildStack(spec.decoder, [spec.latent], { name: 'decoder', initializer, seed, first })
  const stacks = decoder ? [encoder, decoder] : [encoder]
  const centre = tf.variable(tf.zeros([spec.latent]), false)
  const radius = tf.variable(tf.scalar(0), false)
  const expected = expectedItem(context)

  const distances = (outputs: tf.Tensor) => squaredDistances(outputs, centre)
  const objectiveOf = (items: tf.Tensor, training: boolean) => {
    const values = distances(encoder.run(items, training))
    return objective === 'one-class' ? (tf.mean(values) as tf.Scalar) : softBoundary(values, radius, nu)
  }
  const reconstructionLoss = (items: tf.Tensor, training: boolean) =>
    tf.mean(elementLoss(loss, decoder!.run(encoder.run(items, training), training), items)) as tf.Scalar

  const description: Phase = {
    name: objective,
    updates: [
      {
        part: 'weights',
        loss: ({ items }) => tf.add(objectiveOf(items, true), decay(kernelsOf(encoder), config.weight_decay)),
      },
    ],
    validate: ({ items }) => objectiveOf(items, false),
    // A network that maps everything onto the centre has the least loss.
    keep: 'last',
    refresh: {
      due: epoch => epoch === 1 || (objective === 'soft-boundary' && epoch > config.warm_up_epochs),
      measure: items => inTraining(encoder, items),
      update: (rows, width) => {
        const isFirst = centre.dataSync().every(value => value === 0)
        if (isFirst) centre.assign(tf.tensor(centreOf(rows, width, config.eps)))
        if (objective === 'soft-boundary' && (!isFirst || config.warm_up_epochs === 0)) {
          const values = distances(tf.tensor(rows, [rows.length / width, width])).dataSync() as Float32Array
          radius.assign(tf.scalar(radiusOf(values, nu)))
        }
      },
    },
  }
  const pretraining: Phase[] = config.pretrain
    ? [
        {
          name: 'pretraining',
          epochs: config.pretrain.epochs,
          // The decoder is among the weights: reconstruction changes both at once, and later no gradient reaches it.
          updates: [{ part: 'weights', loss: ({ items }) => reconstructionLoss(items, true) }],
          validate: ({ items }) => reconstructionLoss(items, false),
          keep: 'best',
        },
      ]
    : []
  return {
    featureShape,
    latentSize: spec.latent,
    layers: stacks.flatMap(({ layers }) => layers) as unknown as NamedLayer[],
    parts: { weights: stacks.flatMap(({ trainable }) => trainable) },
    statistics: [...stacks.flatMap(({ statistics }) => statistics), centre, radius, expected.variable],
    variables: { ...encoder.variables, 'centre/mean': centre, ...expected.variables },
    randoms: [],
    phases: [...pretraining, description],
    score: features => {
      const latent = encoder.run(features, false)
      return { score: distances(latent), latent, reconstruction: expected.like(features) }
    },
    dispose: () => {
      for (const stack of stacks) stack.dispose()
      tf.dispose([centre, radius, expected.variable])
    },
  }
}

/**
 * Outputs as the steps of training see them, normalised by the batch: before training the moving averages know nothing of the items. These stay
 * as they are.
 */
function inTraining({ statistics, run }: Stack, items: tf.Tensor): tf.Tensor {
  const before = statistics.map(variable => variable.clone())
  const outputs = run(items, true)
  statistics.forEach((variable, i) => {
    variable.assign(before[i])
  })
  return outputs
}

const kernelsOf = ({ variables }: Stack): tf.Variable[] =>
  Object.entries(variables).flatMap(([name, variable]) => (name.endsWith('/kernel') ? [variable] : []))

/** Of each row from the centre, `[n]`. */
const squaredDistances = (rows: tf.Tensor, centre: tf.Tensor): tf.Tensor =>
  tf.sum(tf.squaredDifference(rows, centre), 1)

/** R² + 1 / (ν n) Σ max(0, dᵢ − R²), eq. 3 of the source without its last term. @internal */
export function softBoundary(distances: tf.Tensor, radius: tf.Tensor, nu: number): tf.Scalar {
  const square = tf.square(radius)
  const outside = tf.mean(tf.relu(tf.sub(distances, square)))
  return tf.add(square, tf.div(outside, nu))
}

/** λ / 2 Σ ‖W‖². @internal */
export const decay = (kernels: readonly tf.Tensor[], lambda: number): tf.Scalar =>
  tf.mul(tf.addN(kernels.map(kernel => tf.sum(tf.square(kernel)))), lambda / 2)

/** Mean of the rows, its values at least `eps` from 0. @internal */
export function centreOf(rows: Float32Array, width: number, eps: number): Float32Array {
  const sums = new Float64Array(width)
  for (let i = 0; i < rows.length; i++) sums[i % width] += rows[i]
  return Float32Array.from(sums, sum => {
    const mean = (sum * width) / rows.length
    if (Math.abs(mean) >= eps) return mean
    return mean < 0 ? -eps : eps
  })
}

/** 1 − ν quantile of the distances, interpolated as NumPy's. @param squared distances @internal */
export function radiusOf(squared: Float32Array, nu: number): number {
  const sorted = Float64Array.from(squared, Math.sqrt).sort()
  const place = (1 - nu) * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}
