import { checkConfig } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { frontEndSchema } from '../frontends/config.ts'
import { sizeOf } from '../frontends/frontend.ts'
import type { Manifest } from '../manifest.ts'
import type { Reconstructed } from '../scorer.ts'
import { explainResidual, type ResidualExplanation } from './explain.ts'
import { createFeatureMap, type FeatureMap } from './feature-map.ts'

/** Explains windows of one bundle. */
export class ResidualExplainer {
  readonly #manifest: Manifest
  #map: FeatureMap | undefined

  constructor(manifest: Manifest) {
    this.#manifest = manifest
  }

  /** Where features lie. @throws AUSCULT_CONFIG when the bundle's front end is none */
  get map(): FeatureMap {
    const { front_end, items, feature_shape: featureShape } = this.#manifest
    this.#map ??= createFeatureMap(checkConfig(front_end, frontEndSchema, 'front_end'), { items, featureShape })
    return this.#map
  }

  /** @param reconstructed of one window @throws AUSCULT_SHAPE when it is of another model */
  explain(reconstructed: Reconstructed): ResidualExplanation {
    const { items, feature_shape, normalization, residual_spread: residualSpread } = this.#manifest
    const featureSize = sizeOf(feature_shape)
    const { features, reconstruction } = reconstructed
    if (features.length !== items * featureSize || reconstruction.length !== features.length) {
      throw new AuscultError('AUSCULT_SHAPE', `${features.length} features are not those of one window of the bundle`)
    }
    return explainResidual(this.map, reconstructed, featureSize, { scale: normalization.scale, residualSpread })
  }
}
