import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { initializer, output, positive } from './options.ts'
import { ACTIVATIONS, type LayerSpec, shapeChain } from './spec.ts'

/** Adversarially Learned Anomaly Detection (Zenati et al. 2018); the defaults are those of its code for CIFAR-10, and for tables. */
export const aladSchema = z.strictObject({
  type: z.literal('alad'),
  network: z
    .enum(['conv', 'dense'])
    .optional()
    .describe(
      'convolutions for features [height, width, channels], fully connected layers for all others, unless this says which',
    ),
  latent: positive
    .default(100)
    .describe('size of the latent vector: the source has 100 for images of 32 × 32, 32 for tables'),
  filters: z
    .number()
    .int()
    .min(2)
    .default(128)
    .describe(
      'channels of the first convolution; they double with each. All layers of the discriminators are as wide in proportion',
    ),
  hidden: z
    .number()
    .int()
    .min(2)
    .default(64)
    .describe(
      'units of the encoder where layers are fully connected; those of the other networks are as many in proportion',
    ),
  spectral_norm: z
    .boolean()
    .default(true)
    .describe(
      'divides the hidden kernels of the encoder and the discriminators by their largest singular value (Miyato et al. 2018), so that no discriminator becomes steep',
    ),
  allow_zz: z
    .boolean()
    .default(true)
    .describe('a third discriminator, which asks that latents come back from what is generated of them'),
  score: z
    .enum(['features', 'logits', 'l1', 'l2'])
    .default('features')
    .describe(
      'how far an item is from its reconstruction: to the discriminator of reconstructions (features: L1 between its last hidden layer for the item twice and for item and reconstruction; logits: −log of the probability that it gives to the pair), or by value (l1, l2)',
    ),
  moving_average: z
    .number()
    .gt(0)
    .lt(1)
    .nullable()
    .default(0.999)
    .describe(
      'scores come from moving averages of the weights, this much of the old at each step; null: from the weights. Less than the default where there are only some hundreds of steps',
    ),
  output_activation: z
    .enum(ACTIVATIONS)
    .optional()
    .describe(
      'activation of what is generated; default tanh for images, which needs front_end.normalization: symmetric, and linear for others',
    ),
  initializer,
})

export type AladConfig = z.infer<typeof aladSchema>

/** Layers of the networks, each from the shape that is said. */
export interface AladSpec {
  /** Features to latent. */
  encoder: LayerSpec[]
  /** Latent to features. */
  generator: LayerSpec[]
  /** Tells (x, E(x)) from (G(z), z): features and latent, then what was made of both, one after the other. */
  xz: { x: LayerSpec[]; z: LayerSpec[]; both: LayerSpec[] }
  /** Tells (x, x) from (x, G(E(x))): the two as channels, or one after the other. */
  xx: LayerSpec[]
  /** Tells (z, z) from (z, E(G(z))). */
  zz: LayerSpec[]
  /** Shape in which features are paired: a picture, or a vector. */
  pairShape: readonly number[]
}

/** What ends each discriminator. */
export const LOGIT: LayerSpec = { kind: 'dense', units: 1 }

const SLOPE: LayerSpec = { kind: 'activation', activation: 'leaky_relu', slope: 0.2 }
const RELU: LayerSpec = { kind: 'activation', activation: 'relu' }
const BATCH_NORM: LayerSpec = { kind: 'batch-norm' }

/** The networks on features of the given shape. @throws AUSCULT_SHAPE when the layers do not fit together */
export function aladNetworks(config: AladConfig, featureShape: readonly number[]): AladSpec {
  const network = config.network ?? (featureShape.length === 3 ? 'conv' : 'dense')
  const spec = network === 'conv' ? convolutional(config, featureShape) : dense(config, featureShape)
  shapeChain({ encoder: spec.encoder, decoder: spec.generator }, featureShape)
  return spec
}

/** Sides of the smallest maps, at least: convolutions halve them from those of the features. */
const SMALLEST = 4

function convolutional(config: AladConfig, featureShape: readonly number[]): AladSpec {
  const { latent, filters, spectral_norm: spectralNorm, output_activation = 'tanh' } = config
  const image = featureShape.length === 2 ? [...featureShape, 1] : featureShape
  const [height, width, channels] = image
  const halvings = Math.floor(Math.log2(Math.min(height, width) / SMALLEST))
  const parts = 2 ** halvings
  if (image.length !== 3 || halvings < 1 || height % parts || width % parts) throw noHalving(featureShape)
  const map: [number, number] = [height / parts, width / parts]
  const widths = Array.from({ length: halvings }, (_, i) => filters * 2 ** i)
  const pairWidths = Array.from({ length: Math.max(1, halvings - 1) }, (_, i) => Math.ceil(filters / 2) * 2 ** i)
  const reshape: LayerSpec[] = featureShape.length === 2 ? [{ kind: 'reshape', shape: image }] : []
  const halve = (filters: number, kernel: 4 | 5): LayerSpec => ({
    kind: 'conv',
    filters,
    kernel: [kernel, kernel],
    stride: [2, 2],
    padding: kernel === 4 ? [1, 1] : [2, 2],
    spectralNorm,
  })
  const grow = (filters: number, first: boolean): LayerSpec => ({
    kind: 'conv-transpose',
    filters,
    kernel: first ? map : [4, 4],
    stride: [2, 2],
    padding: first ? [0, 0] : [1, 1],
    outputPadding: [0, 0],
  })
  const unit = { kind: 'dense', spectralNorm } as const
  const drop: LayerSpec = { kind: 'dropout', rate: 0.2 }
  const flat = (filters: number, parts: number): LayerSpec => ({
    kind: 'reshape',
    shape: [(height / parts) * (width / parts) * filters],
  })
  return {
    encoder: [
      ...reshape,
      ...widths.flatMap(width => [halve(width, 4), BATCH_NORM, SLOPE]),
      { kind: 'conv', filters: latent, kernel: map, stride: [1, 1], padding: [0, 0] },
      { kind: 'reshape', shape: [latent] },
    ],
    generator: [
      { kind: 'reshape', shape: [1, 1, latent] },
      ...[...widths].reverse().flatMap((width, i) => [grow(width, i === 0), BATCH_NORM, RELU]),
      grow(channels, false),
      ...output(output_activation),
      ...(featureShape.length === 2 ? [{ kind: 'reshape', shape: featureShape } as const] : []),
    ],
    xz: {
      x: [
        ...reshape,
        ...widths.flatMap((width, i) => [halve(width, 4), ...(i > 0 ? [BATCH_NORM] : []), SLOPE]),
        flat(widths.at(-1)!, parts),
      ],
      z: [4, 4].flatMap(times => [{ ...unit, units: times * filters }, SLOPE, drop]),
      both: [{ ...unit, units: 8 * filters }, SLOPE, drop],
    },
    xx: [
      ...pairWidths.flatMap(width => [halve(width, 5), SLOPE, drop]),
      flat(pairWidths.at(-1)!, 2 ** pairWidths.length),
    ],
    zz: [filters / 2, filters / 4].flatMap(units => [{ ...unit, units: Math.ceil(units) }, SLOPE, drop]),
    pairShape: image,
  }
}

function dense(config: AladConfig, featureShape: readonly number[]): AladSpec {
  const { latent, hidden, spectral_norm: spectralNorm, output_activation = 'linear' } = config
  const size = sizeOf(featureShape)
  const unit = { kind: 'dense', spectralNorm } as const
  const drop = (rate: number): LayerSpec => ({ kind: 'dropout', rate })
  return {
    encoder: [{ kind: 'reshape', shape: [size] }, { ...unit, units: hidden }, SLOPE, { kind: 'dense', units: latent }],
    generator: [
      ...[hidden, 2 * hidden].flatMap(units => [{ kind: 'dense', units } as const, RELU]),
      { kind: 'dense', units: size },
      ...output(output_activation),
      { kind: 'reshape', shape: featureShape },
    ],
    xz: {
      x: [{ kind: 'reshape', shape: [size] }, { ...unit, units: 2 * hidden }, BATCH_NORM, SLOPE],
      z: [{ ...unit, units: 2 * hidden }, SLOPE, drop(0.5)],
      both: [{ ...unit, units: 2 * hidden }, SLOPE, drop(0.5)],
    },
    xx: [{ ...unit, units: 2 * hidden }, SLOPE, drop(0.2)],
    zz: [{ ...unit, units: Math.ceil(hidden / 2) }, SLOPE, drop(0.2)],
    pairShape: [size],
  }
}

function noHalving(featureShape: readonly number[]): AuscultError {
  return new AuscultError(
    'AUSCULT_SHAPE',
    `convolutions cannot halve ${featureShape.join('×')} evenly until the shorter side is ${SMALLEST} to ${2 * SMALLEST - 1}`,
    {
      at: 'architecture.network',
      remedy: 'Take features of 32×32, 64×64, 64×128 … values (front_end.crop, bin or n_mels), or set network: dense.',
    },
  )
}
