import { z } from '../../config.ts'
import { aladNetworks, aladSchema } from './alad.ts'
import { conv1dAe, conv1dAeSchema } from './conv1d-ae.ts'
import { conv2dAe, conv2dAeSchema } from './conv2d-ae.ts'
import { deepSvdd, deepSvddSchema } from './deep-svdd.ts'
import { denseAe, denseAeSchema } from './dense-ae.ts'
import { fAnogan, fAnoganSchema } from './f-anogan.ts'
import { idEmbedding, idEmbeddingSchema } from './id-embedding.ts'
import { idnn, idnnSchema } from './idnn.ts'
import { lstmAe, lstmAeSchema } from './lstm-ae.ts'
import { lstmClassifier, lstmClassifierSchema } from './lstm-classifier.ts'
import { noneSchema } from './none.ts'
import { checkPca, pcaSchema } from './pca.ts'
import { type AutoencoderSpec, shapeChain } from './spec.ts'
import { vae, vaeSchema } from './vae.ts'

const AUTOENCODERS = [denseAeSchema, conv1dAeSchema, conv2dAeSchema, lstmAeSchema, idnnSchema] as const

/** Those that are an autoencoder and nothing else. */
export const autoencoderSchema = z.discriminatedUnion('type', AUTOENCODERS)

export type AutoencoderConfig = z.infer<typeof autoencoderSchema>

/** The network families, by `type`. */
export const architectureSchema = z.discriminatedUnion('type', [
  ...AUTOENCODERS,
  vaeSchema,
  aladSchema,
  noneSchema,
  pcaSchema,
  lstmClassifierSchema,
  idEmbeddingSchema,
  deepSvddSchema,
  fAnoganSchema,
])

export type ArchitectureConfig = z.infer<typeof architectureSchema>

/**
 * Checks that an architecture takes features of the given shape.
 * @throws AUSCULT_SHAPE when its layers do not fit together
 */
export function checkArchitecture(config: ArchitectureConfig, featureShape: readonly number[]): void {
  switch (config.type) {
    case 'none':
      return
    case 'pca':
      checkPca(config, featureShape)
      return
    case 'vae':
      vae(config, featureShape)
      return
    case 'id-embedding':
      idEmbedding(config, featureShape)
      return
    case 'alad':
      aladNetworks(config, featureShape)
      return
    case 'lstm-classifier':
      lstmClassifier(config, featureShape)
      return
    case 'deep-svdd':
      deepSvdd(config, featureShape)
      return
    case 'f-anogan':
      fAnogan(config, featureShape)
      return
    default:
      specify(config, featureShape)
  }
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
