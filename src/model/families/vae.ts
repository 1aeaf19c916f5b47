import { Draws } from '../architectures/random-input.ts'
import { stackBuilder } from '../architectures/stack.ts'
import { vae as layersOf, type VaeConfig } from '../architectures/vae.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { elementLoss } from '../losses.ts'
import { tf } from '../tf.ts'
import type { NamedLayer } from '../trace/trace.ts'
import { meanOfRows } from './autoencoder.ts'
import type { Model, ModelContext } from './model.ts'

/** Keeps variances finite for items that are like none of training. */
const LOG_VARIANCE = [-30, 20] as const

/** Of latents, `[n, d]` each. */
interface Posterior {
  mean: tf.Tensor
  logVariance: tf.Tensor
}

/**
 * Learns to reconstruct normal items from a latent with noise, and to keep latents near the prior N(0, 1). Scores without noise.
 *
 * The loss is the negative evidence lower bound per value of the features, so that it is of the size of an autoencoder's, and learning rates
 * carry over: mean error + β · KL / features. Errors are negative log-likelihoods but for a constant: mae that of a Laplace distribution of
 * scale 1, bce Bernoulli's; mse is twice that of a Gaussian of variance 1, so that KL counts twice beside it.
 */
export function vae(config: VaeConfig, context: ModelContext): Model {
  const { featureShape, seed, loss } = context
  const { initializer, latent } = config
  const spec = layersOf(config, featureShape)
  const stack = stackBuilder({ initializer, seed })
  const head = [{ kind: 'dense', units: latent } as const]
  const encoder = stack('encoder', spec.encoder, featureShape)
  const meanHead = stack('mean', head, encoder.outputShape)
  const varianceHead = stack('log_variance', head, encoder.outputShape)
  const decoder = stack('decoder', spec.decoder, [latent])
  const stacks = [encoder, meanHead, varianceHead, decoder]
  // The error alone needs no variance.
  const scoring = config.score === 'reconstruction' ? stacks.filter(each => each !== varianceHead) : stacks
  const noise = new Draws([latent], 'normal')
  const size = sizeOf(featureShape)
  const weight = (config.beta * (loss === 'mse' ? 2 : 1)) / size

  const encode = (items: tf.Tensor, training: boolean): Posterior => {
    const hidden = encoder.run(items, training)
    const logVariance = tf.clipByValue(varianceHead.run(hidden, training), ...LOG_VARIANCE)
    return { mean: meanHead.run(hidden, training), logVariance }
  }
  const negativeElbo = (items: tf.Tensor, training: boolean): tf.Scalar => {
    const posterior = encode(items, training)
    const { mean, logVariance } = posterior
    const z = training ? tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise.read())) : mean
    const error = tf.mean(elementLoss(loss, decoder.run(z, training), items))
    return tf.add(error, tf.mul(tf.mean(divergence(posterior)), weight))
  }
  return {
    featureShape,
    latentSize: latent,
    layers: stacks.flatMap(({ layers }) => layers) as unknown as NamedLayer[],
    parts: { weights: stacks.flatMap(({ trainable }) => trainable) },
    statistics: stacks.flatMap(({ statistics }) => statistics),
    variables: Object.assign({}, ...scoring.map(({ variables }) => variables)),
    randoms: [noise, ...stacks.flatMap(({ randoms }) => randoms)],
    phases: [
      {
        name: 'evidence lower bound',
        updates: [{ part: 'weights', loss: ({ items }) => negativeElbo(items, true) }],
        validate: ({ items }) => negativeElbo(items, false),
        keep: 'best',
      },
    ],
    score: features => {
      const posterior = encode(features, false)
      const reconstruction = decoder.run(posterior.mean, false)
      const error = meanOfRows(elementLoss(loss, reconstruction, features), size)
      const kl = divergence(posterior)
      const score = { reconstruction: error, elbo: tf.add(error, tf.mul(kl, weight)), kl }[config.score]
      return { score, latent: posterior.mean, reconstruction }
    },
    dispose: () => {
      for (const each of stacks) each.dispose()
    },
  }
}

/** KL divergence of latents from N(0, 1), ½ Σ (μ² + σ² − 1 − log σ²), `[n]`. */
function divergence({ mean, logVariance }: Posterior): tf.Tensor {
  const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1))
  return tf.mul(tf.sum(terms, 1), 0.5)
}
