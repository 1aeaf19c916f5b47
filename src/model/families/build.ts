import { type ArchitectureConfig, specify } from '../architectures/config.ts'
import { tf } from '../tf.ts'
import { alad } from './alad.ts'
import { autoencoder } from './autoencoder.ts'
import { deepSvdd } from './deep-svdd.ts'
import { fAnogan } from './f-anogan.ts'
import { idEmbeddingModel } from './id-embedding.ts'
import { lstmClassifierModel } from './lstm-classifier.ts'
import type { Model, ModelContext } from './model.ts'
import { none } from './none.ts'
import { pca } from './pca.ts'
import { vae } from './vae.ts'

/** Builds the model of a configuration on TensorFlow.js's CPU backend. @throws AUSCULT_SHAPE */
export function buildModel(config: ArchitectureConfig, context: ModelContext): Model {
  tf.setBackend('cpu')
  switch (config.type) {
    case 'vae':
      return vae(config, context)
    case 'alad':
      return alad(config, context)
    case 'none':
      return none(context)
    case 'pca':
      return pca(config, context)
    case 'id-embedding':
      return idEmbeddingModel(config, context)
    case 'lstm-classifier':
      return lstmClassifierModel(config, context)
    case 'deep-svdd':
      return deepSvdd(config, context)
    case 'f-anogan':
      return fAnogan(config, context)
    default:
      return autoencoder(specify(config, context.featureShape), config.initializer, context)
  }
}
