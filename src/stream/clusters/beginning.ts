import { digestOf } from '../../digest.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import type { Bundle } from '../../model/bundle.ts'
import type { BundleClusters } from '../../model/clusters/bundle-clusters.ts'
import type { Clusterer } from '../../model/clusters/clusterer.ts'
import { type ClustersConfig, clustersSchema } from '../../model/clusters/config.ts'
import { fitClusterer, restoreClusterer } from '../../model/clusters/create.ts'
import { Exemplars } from '../../model/clusters/exemplars.ts'

export type ClustersBundle = Pick<Bundle, 'manifest' | 'latents'> & { readonly clusters?: BundleClusters }

/** Clusters, and windows that show what they are like. */
export interface Begun {
  readonly clusterer: Clusterer
  readonly exemplars: Exemplars
}

/** From where clusters begin that no earlier process has left. */
export class Beginning {
  /** Names the model and the configuration: what is learnt belongs to both. */
  readonly key: string
  readonly #bundle: ClustersBundle
  readonly #config: ClustersConfig
  readonly #trained: BundleClusters | undefined

  /** @param config null: the clusters of the bundle, else the default */
  constructor(config: ClustersConfig | null, bundle: ClustersBundle) {
    this.#bundle = bundle
    this.#trained = config === null ? bundle.clusters : undefined
    this.#config = config ?? this.#trained?.config ?? clustersSchema.parse(undefined)
    const { files } = bundle.manifest
    const trained = this.#trained && files['clusters.json']
    const identity = [files['model.onnx'], files['latents.bin'], this.#config, trained]
    this.key = digestOf(identity)
  }

  /** @throws AUSCULT_CONFIG where the latents of the bundle are too few, AUSCULT_BUNDLE where they are no numbers */
  begin(): Begun {
    if (this.#trained) {
      const { clusterer, exemplars } = this.#trained
      return { clusterer: restoreClusterer(clusterer, 'clusters.json'), exemplars: Exemplars.restore(exemplars) }
    }
    const { latents, manifest } = this.#bundle
    if (latents.length === 0) throw noLatents()
    try {
      const clusterer = fitClusterer(latents, manifest.latent_size, this.#config, manifest.training.seed)
      return { clusterer, exemplars: new Exemplars() }
    } catch (cause) {
      if (!(cause instanceof AuscultError) || cause.code === 'AUSCULT_CONFIG') throw cause
      const at = cause.at === undefined ? 'latents.bin' : `latents.bin, ${cause.at}`
      throw new AuscultError('AUSCULT_BUNDLE', messageOf(cause), { at, cause, remedy: 'Train the bundle again.' })
    }
  }
}

const noLatents = () =>
  new AuscultError('AUSCULT_CONFIG', 'the bundle has no latents to find clusters in', {
    at: 'clusters',
    remedy: 'Leave `clusters` out, or train the bundle again.',
  })
