import { seeded } from '../../random.ts'
import type { Clusterer } from './clusterer.ts'
import type { ClustersConfig } from './config.ts'
import { DenStream } from './denstream.ts'
import { Gmm } from './gmm.ts'
import { KMeans } from './kmeans.ts'
import { latentsOf } from './latents.ts'
import { open } from './snapshot.ts'

/**
 * Finds clusters in training latents. Same latents, same configuration, same seed: same clusters.
 * @param data `[n × dimensions]`; of many a sample is taken
 * @throws AUSCULT_CONFIG when k is larger than n, AUSCULT_NON_FINITE, AUSCULT_INPUT_SHAPE
 */
export function fitClusterer(data: Float32Array, dimensions: number, config: ClustersConfig, seed: number): Clusterer {
  const latents = latentsOf(data, dimensions)
  const random = seeded(seed, 0xc105)
  switch (config.method) {
    case 'kmeans':
      return KMeans.fit(latents, config, random)
    case 'gmm':
      return Gmm.fit(latents, config, random)
    case 'denstream':
      return DenStream.fit(latents, config, random)
  }
}

/**
 * Goes on where the snapshot was taken: the same latents have the same outcome, bit for bit.
 * @param raw a snapshot, as parsed from JSON
 * @param at the file it is from, for errors
 * @throws AUSCULT_STATE when it is of another version, cut off or edited
 */
export function restoreClusterer(raw: unknown, at?: string): Clusterer {
  const snapshot = open(raw, at)
  const { config } = snapshot
  switch (config.method) {
    case 'kmeans':
      return KMeans.restore(snapshot, config)
    case 'gmm':
      return Gmm.restore(snapshot, config)
    case 'denstream':
      return DenStream.restore(snapshot, config)
  }
}
