import { seeded } from '../../random.ts'
import { type Latents, latentsOf } from '../clusters/latents.ts'
import type { DetectorConfig } from './config.ts'
import { fitDbscan } from './dbscan.ts'
import { DETECTOR_FORMAT, type DetectorFile, type DetectorModel } from './detector-file.ts'
import { fitGmm } from './gmm-fit.ts'
import { fitKde } from './kde.ts'
import { fitKnn } from './knn.ts'
import { fitMahalanobis, fitPooledMahalanobis } from './mahalanobis.ts'
import { fitPreprocessing, preprocess } from './preprocessing.ts'
import type { VectorSpec } from './vectors.ts'

/** What a detector is fitted to. */
export interface TrainingVectors {
  /** `[n × size]` */
  readonly vectors: Float32Array
  readonly size: number
  readonly spec: VectorSpec
  /** `[n]`: the group of each, an index into names; for detectors that have groups. */
  readonly groups?: Groups
}

/** Domains or machines. */
export interface Groups {
  readonly names: readonly string[]
  readonly of: readonly number[]
}

/** @throws AUSCULT_TRAINING when the vectors do not suffice, AUSCULT_NON_FINITE */
export function fitDetector(training: TrainingVectors, config: DetectorConfig, seed: number): DetectorFile {
  const raw = latentsOf(training.vectors, training.size)
  const pca = 'whiten' in config ? config : null
  const pooled = config.type === 'mahalanobis' && config.machines !== null ? training.groups : undefined
  const standardize = config.standardize ?? (config.on !== 'features' || pooled !== undefined)
  const preprocessing = fitPreprocessing(raw, { standardize, groups: pooled?.of, pca })
  const model = fitModel(preprocess(preprocessing, raw), config, training.groups, seed)
  return { format: DETECTOR_FORMAT, config, vector: training.spec, preprocessing, windows: raw.rows, model }
}

function fitModel(latents: Latents, config: DetectorConfig, groups: Groups | undefined, seed: number): DetectorModel {
  switch (config.type) {
    case 'knn':
      return fitKnn(latents, config)
    case 'mahalanobis':
      if (config.machines !== null) return fitPooledMahalanobis(latents, groups!, config.shrinkage)
      return fitMahalanobis([{ name: 'all', latents }], config.shrinkage)
    case 'selective-mahalanobis': {
      const domains = groups!.names.map((name, domain) => ({ name, latents: rowsOf(latents, groups!.of, domain) }))
      return fitMahalanobis(domains, config.shrinkage)
    }
    case 'gmm':
      return fitGmm(latents, config, seeded(seed))
    case 'kde':
    case 'pca-kde':
      return fitKde(latents, config.bandwidth)
    case 'pca-dbscan':
      return fitDbscan(latents, config)
  }
}

function rowsOf({ data, dimensions: d }: Latents, domains: readonly number[], domain: number): Latents {
  const rows = [...domains.keys()].filter(i => domains[i] === domain)
  const picked = new Float64Array(rows.length * d)
  for (const [place, i] of rows.entries()) picked.set(data.subarray(i * d, (i + 1) * d), place * d)
  return { data: picked, rows: rows.length, dimensions: d }
}
