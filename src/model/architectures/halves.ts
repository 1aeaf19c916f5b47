import { AuscultError } from '../../errors.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { type Around, type Convolution, contracting, expanding } from './convolutions.ts'
import { output } from './options.ts'
import type { Activation, LayerSpec } from './spec.ts'

/** Options of families whose networks are convolutional for images and dense for vectors. */
export interface HalvesConfig {
  readonly type: string
  readonly hidden: readonly number[] | null
  readonly convolutions: readonly Convolution[] | null
  readonly latent: number | null
}

export interface HalvesDefaults {
  readonly hidden: readonly number[]
  readonly convolutions: readonly Convolution[]
  readonly latent: { readonly image: number; readonly vector: number }
}

/** Networks from features to a vector and from a latent to features, mirror images of each other. */
export interface Halves {
  readonly latent: number
  /** From features to the last hidden layer, a vector. */
  down(around: Around): LayerSpec[]
  /** From a latent to features. */
  up(around: Around, activation: Activation): LayerSpec[]
}

/** Features of three axes are images, unless `hidden` is given; all others are vectors, unless `convolutions` is. @throws AUSCULT_CONFIG */
export function halvesOf(config: HalvesConfig, featureShape: readonly number[], defaults: HalvesDefaults): Halves {
  const { type, hidden, convolutions } = config
  if (hidden && convolutions) {
    throw new AuscultError('AUSCULT_CONFIG', `${type} is either dense or convolutional`, {
      at: 'architecture',
      remedy: 'Leave out hidden or convolutions.',
    })
  }
  if (convolutions || (featureShape.length === 3 && !hidden)) {
    const layers = convolutions ?? defaults.convolutions
    return {
      latent: config.latent ?? defaults.latent.image,
      down: around => contracting(layers, featureShape, around),
      up: (around, activation) => [...expanding(layers, featureShape, around), ...output(activation)],
    }
  }
  const units = hidden ?? defaults.hidden
  const dense =
    ({ bias, after }: Around) =>
    (units: number): LayerSpec[] => [{ kind: 'dense', units, bias }, ...after]
  const size = sizeOf(featureShape)
  return {
    latent: config.latent ?? defaults.latent.vector,
    down: around => [{ kind: 'reshape', shape: [size] }, ...units.flatMap(dense(around))],
    up: (around, activation) => [
      ...units.toReversed().flatMap(dense(around)),
      { kind: 'dense', units: size },
      ...output(activation),
      { kind: 'reshape', shape: featureShape },
    ],
  }
}
