import { type AladConfig, aladNetworks, LOGIT } from '../architectures/alad.ts'
import { Draws } from '../architectures/random-input.ts'
import { type Stack, stackBuilder } from '../architectures/stack.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { elementLoss } from '../losses.ts'
import { tf } from '../tf.ts'
import type { NamedLayer } from '../trace/trace.ts'
import type { Model, ModelContext } from './model.ts'

/** A network that tells pairs apart. */
interface Discriminator {
  /** Last hidden layer, `[n, units]`. */
  hidden(a: tf.Tensor, b: tf.Tensor, training: boolean): tf.Tensor
  /** Logit of the probability that they are a pair of the first kind, `[n, 1]`. */
  logit(hidden: tf.Tensor): tf.Tensor
}

export interface Networks {
  readonly encoder: Stack
  readonly generator: Stack
  readonly xz: Discriminator
  readonly xx: Discriminator
  /** Absent with allow_zz: false. */
  readonly zz: Discriminator | undefined
}

/**
 * Adversarially Learned Anomaly Detection (Zenati et al. 2018): an encoder E and a generator G against discriminators of (x, E(x)) and
 * (G(z), z), of (x, x) and (x, G(E(x))), of (z, z) and (z, E(G(z))). Each step teaches the discriminators, then E and G, with other draws of
 * z. Unlike in the source's code, x and G(E(x)) are paired by channels, so that D_xx compares them place by place; the dropout masks of a
 * step are the same for both kinds of pairs.
 */
export function alad(config: AladConfig, { featureShape, seed, loss }: ModelContext): Model {
  const spec = aladNetworks(config, featureShape)
  const build = stackBuilder({ initializer: config.initializer, seed })
  const size = sizeOf(spec.pairShape)
  const encoder = build('encoder', spec.encoder, featureShape)
  const generator = build('generator', spec.generator, [config.latent])
  const x = build('xz_x', spec.xz.x, featureShape)
  const z = build('xz_z', spec.xz.z, [config.latent])
  const both = build('xz_both', spec.xz.both, [sizeOf(x.outputShape) + sizeOf(z.outputShape)])
  const pair = [...spec.pairShape.slice(0, -1), 2 * spec.pairShape.at(-1)!]
  const xx = build('xx', spec.xx, pair)
  const zz = config.allow_zz ? build('zz', spec.zz, [2 * config.latent]) : undefined
  const logitOf = (name: string, hidden: Stack) => build(`${name}_logit`, [LOGIT], hidden.outputShape)
  const logits = { xz: logitOf('xz', both), xx: logitOf('xx', xx), zz: zz && logitOf('zz', zz) }
  const joined = (features: tf.Tensor) => tf.reshape(features, [features.size / size, ...spec.pairShape])
  const networks: Networks = {
    encoder,
    generator,
    xz: {
      hidden: (a, b, training) => both.run(tf.concat([x.run(a, training), z.run(b, training)], 1), training),
      logit: hidden => logits.xz.run(hidden, false),
    },
    xx: {
      hidden: (a, b, training) => xx.run(tf.concat([joined(a), joined(b)], -1), training),
      logit: hidden => logits.xx.run(hidden, false),
    },
    zz: zz && {
      hidden: (a, b, training) => zz.run(tf.concat([a, b], 1), training),
      logit: hidden => logits.zz!.run(hidden, false),
    },
  }
  const players = [encoder, generator]
  const discriminators = [x, z, both, logits.xz, xx, logits.xx, ...(zz ? [zz, logits.zz!] : [])]
  const all = [...players, ...discriminators]
  const draws = [new Draws([config.latent], 'normal'), new Draws([config.latent], 'normal')]
  // Scores need none of the others.
  const ofScore = { l1: [], l2: [], features: [xx], logits: [xx, logits.xx] }[config.score]
  const scoring = [...players, ...ofScore]
  return {
    featureShape,
    latentSize: config.latent,
    layers: all.flatMap(({ layers }) => layers) as unknown as NamedLayer[],
    parts: {
      discriminators: discriminators.flatMap(({ trainable }) => trainable),
      players: players.flatMap(({ trainable }) => trainable),
    },
    statistics: all.flatMap(({ statistics }) => statistics),
    variables: Object.assign({}, ...scoring.map(({ variables }) => variables)),
    randoms: [...draws, ...all.flatMap(({ randoms }) => randoms)],
    phases: [
      {
        name: 'adversarial',
        updates: [
          { part: 'discriminators', loss: ({ items }) => discriminatorLoss(networks, items, draws[0].read()) },
          { part: 'players', loss: ({ items }) => playersLoss(networks, items, draws[1].read()) },
        ],
        validate: ({ items }) => {
          const { reconstruction } = reconstruct(networks, items)
          return tf.mean(elementLoss(loss, reconstruction, items)) as tf.Scalar
        },
        keep: 'best',
      },
    ],
    ...(config.moving_average !== null && { average: config.moving_average }),
    score: features => {
      const { latent, reconstruction } = reconstruct(networks, features)
      return { score: scoreOf(config.score, networks.xx, features, reconstruction), latent, reconstruction }
    },
    dispose: () => {
      for (const stack of all) stack.dispose()
    },
  }
}

function reconstruct({ encoder, generator }: Networks, features: tf.Tensor) {
  const latent = encoder.run(features, false)
  return { latent, reconstruction: generator.run(latent, false) }
}

/** −log of the probability that a discriminator gives to the first kind of pairs, and to the second. */
const first = (logit: tf.Tensor): tf.Tensor => tf.softplus(tf.neg(logit))
const second = (logit: tf.Tensor): tf.Tensor => tf.softplus(logit)

const logitOf = ({ hidden, logit }: Discriminator, a: tf.Tensor, b: tf.Tensor): tf.Tensor => logit(hidden(a, b, true))

/** Mean cross-entropy of the discriminators, added up. @param z draws of the latent, `[n, d]` */
export function discriminatorLoss({ encoder, generator, xz, xx, zz }: Networks, x: tf.Tensor, z: tf.Tensor): tf.Scalar {
  const encoded = encoder.run(x, true)
  const generated = generator.run(z, true)
  const terms = [
    first(logitOf(xz, x, encoded)),
    second(logitOf(xz, generated, z)),
    first(logitOf(xx, x, x)),
    second(logitOf(xx, x, generator.run(encoded, true))),
  ]
  if (zz) terms.push(first(logitOf(zz, z, z)), second(logitOf(zz, z, encoder.run(generated, true))))
  return tf.mean(tf.addN(terms)) as tf.Scalar
}

/**
 * Mean cross-entropy of the wrong answers, added up: the source's losses of E and of G differ in a term that does not depend on the other
 * network, so that their sum has the gradients of both. Left out is what depends on neither, the pairs (x, x) and (z, z).
 */
export function playersLoss({ encoder, generator, xz, xx, zz }: Networks, x: tf.Tensor, z: tf.Tensor): tf.Scalar {
  const encoded = encoder.run(x, true)
  const generated = generator.run(z, true)
  const terms = [
    second(logitOf(xz, x, encoded)),
    first(logitOf(xz, generated, z)),
    first(logitOf(xx, x, generator.run(encoded, true))),
  ]
  if (zz) terms.push(first(logitOf(zz, z, encoder.run(generated, true))))
  return tf.mean(tf.addN(terms)) as tf.Scalar
}

/** `[n]`, none below 0: norms, or the −log of a probability. */
export function scoreOf(score: AladConfig['score'], xx: Discriminator, x: tf.Tensor, expected: tf.Tensor): tf.Tensor {
  if (score === 'logits') return tf.reshape(first(xx.logit(xx.hidden(x, expected, false))), [-1])
  if (score === 'features') {
    return tf.sum(tf.abs(tf.sub(xx.hidden(x, x, false), xx.hidden(x, expected, false))), 1)
  }
  const difference = tf.reshape(tf.sub(x, expected), [-1, sizeOf(x.shape.slice(1))])
  return score === 'l1' ? tf.sum(tf.abs(difference), 1) : tf.sqrt(tf.sum(tf.square(difference), 1))
}
