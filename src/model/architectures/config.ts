import { z } from '../../config.ts'
import { conv1dAe, conv1dAeSchema } from './conv1d-ae.ts'
import { conv2dAe, conv2dAeSchema } from './conv2d-ae.ts'
import { denseAe, denseAeSchema } from './dense-ae.ts'
import { idnn, idnnSchema } from './idnn.ts'
import { lstmAe, lstmAeSchema } from './lstm-ae.ts'
import { type AutoencoderSpec, shapeChain } from './spec.ts'

/** The network families, by `type`. */
export const architectureSchema = z.discriminatedUnion('type', [
  denseAeSchema,
  conv1dAeSchema,
  conv2dAeSchema,
  lstmAeSchema,
  idnnSchema,
])

export type ArchitectureConfig = z.infer<typeof architectureSchema>

/** Architectures that are an autoencoder and nothing else. */
export type AutoencoderConfig = Extract<
  ArchitectureConfig,
  { type: 'dense-ae' | 'conv1d-ae' | 'conv2d-ae' | 'lstm-ae' | 'idnn' }
>

/**
 * Checks that an architecture takes features of the given shape.
 * @throws AUSCULT_SHAPE when its layers do not fit together
 */
export function checkArchitecture(config: ArchitectureConfig, featureShape: readonly number[]): void {
  specify(config, featureShape)
}

/**
 * The layers of an autoencoder on features of the given shape.
 * @throws AUSCULT_SHAPE when the layers do not fit together
 */
export function specify(config: AutoencoderConfig, featureShape: readonly number[]): AutoencoderSpec {
  const spec = layersOf(config, featureShape)
  shapeChain(spec, featureShape)
  return spec
}

function layersOf(config: AutoencoderConfig, featureShape: readonly number[]): AutoencoderSpec {
  switch (config.type) {
    case 'dense-ae':
      return denseAe(config, featureShape)
    case 'conv1d-ae':
      return conv1dAe(config, featureShape)
    case 'conv2d-ae':
      return conv2dAe(config, featureShape)
    case 'lstm-ae':
      return lstmAe(config, featureShape)
    case 'idnn':
      return idnn(config, featureShape)
  }
}
