import { seeded } from '../../random.ts'
import { type FAnoganConfig, fAnogan as layersOf } from '../architectures/f-anogan.ts'
import { Draws } from '../architectures/random-input.ts'
import { stackBuilder } from '../architectures/stack.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { tf } from '../tf.ts'
import type { NamedLayer } from '../trace/trace.ts'
import { meanOfRows } from './autoencoder.ts'
import type { Model, ModelContext, TensorBatch } from './model.ts'
import { gradientPenalty } from './wasserstein.ts'

/** Generated items that a batch is compared with in validation: always the same. */
const VALIDATION_DRAWS = 64

/**
 * A generator learns to make normal items of noise against a critic (WGAN-GP, Gulrajani et al. 2017), then an encoder to find the noise
 * that gives an item back (izi_f, Schlegl et al. 2019). The score is the mean squared residual of the item plus κ times that of the critic's
 * last hidden layer.
 * @throws AUSCULT_SHAPE, AUSCULT_CONFIG
 */
export function fAnogan(config: FAnoganConfig, context: ModelContext): Model {
  const { featureShape, seed } = context
  const { initializer, kappa } = config
  const spec = layersOf(config, featureShape)
  const build = stackBuilder({ initializer, seed })
  const generator = build('generator', spec.generator, [spec.latent])
  const critic = build('critic', spec.critic, featureShape)
  const head = build('critic', [{ kind: 'dense', units: 1 }], critic.outputShape)
  const encoder = build('encoder', spec.encoder, featureShape)
  const stacks = [generator, critic, head, encoder]

  const noise = { critic: new Draws([spec.latent], 'normal'), generator: new Draws([spec.latent], 'normal') }
  const mixture = new Draws([], 'uniform')
  const draws = validationDraws(spec.latent, seed)

  const features = (items: tf.Tensor) => critic.run(items, true)
  const criticize = (items: tf.Tensor) => head.run(features(items), true)
  const criticLoss = ({ items }: TensorBatch) => {
    const made = generator.run(noise.critic.read(), true)
    const penalty = gradientPenalty(criticize, items, made, mixture.read())
    return tf.addN([
      tf.mean(criticize(made)),
      tf.neg(tf.mean(criticize(items))),
      tf.mul(penalty, config.gradient_penalty),
    ]) as tf.Scalar
  }
  const generatorLoss = () => tf.neg(tf.mean(criticize(generator.run(noise.generator.read(), true)))) as tf.Scalar
  /** The critic's loss without the penalty: minus its estimate of the Wasserstein distance. */
  const distance = ({ items }: TensorBatch) => {
    const made = generator.run(tf.tensor(draws, [VALIDATION_DRAWS, spec.latent]), false)
    return tf.sub(tf.mean(criticize(made)), tf.mean(criticize(items))) as tf.Scalar
  }
  const residuals = (items: tf.Tensor, training: boolean) => {
    const latent = encoder.run(items, training)
    const reconstruction = generator.run(latent, false)
    const item = meanOfRows(tf.squaredDifference(items, reconstruction), sizeOf(featureShape))
    const feature = tf.mean(tf.squaredDifference(features(items), features(reconstruction)), 1)
    return { latent, reconstruction, score: tf.add(item, tf.mul(feature, kappa)) }
  }
  const encoderLoss = ({ items }: TensorBatch, training: boolean) =>
    tf.mean(residuals(items, training).score) as tf.Scalar

  return {
    featureShape,
    latentSize: spec.latent,
    layers: stacks.flatMap(({ layers }) => layers) as unknown as NamedLayer[],
    parts: {
      generator: generator.trainable,
      critic: [...critic.trainable, ...head.trainable],
      encoder: encoder.trainable,
    },
    statistics: stacks.flatMap(({ statistics }) => statistics),
    variables: { ...generator.variables, ...critic.variables, ...encoder.variables },
    randoms: [noise.critic, noise.generator, mixture],
    phases: [
      {
        name: 'gan',
        epochs: config.gan_epochs ?? undefined,
        updates: [
          { part: 'critic', loss: criticLoss },
          { part: 'generator', every: config.critic_steps, loss: generatorLoss },
        ],
        validate: distance,
        keep: 'last',
      },
      {
        name: 'encoder',
        epochs: config.encoder_epochs ?? undefined,
        updates: [{ part: 'encoder', loss: batch => encoderLoss(batch, true) }],
        validate: batch => encoderLoss(batch, false),
        keep: 'best',
      },
    ],
    score: items => residuals(items, false),
    dispose: () => {
      for (const stack of stacks) stack.dispose()
    },
  }
}

function validationDraws(latent: number, seed: number): Float32Array {
  const random = seeded(seed, VALIDATION_DRAWS)
  return Float32Array.from({ length: VALIDATION_DRAWS * latent }, () => random.normal())
}
