import type { DetectorFile, DetectorModel } from './detector-file.ts'
import { unpackTable } from './table.ts'

const NAMES = {
  knn: 'nearest neighbours',
  mahalanobis: 'Mahalanobis distance',
  'selective-mahalanobis': 'selective Mahalanobis distance',
  gmm: 'Gaussian mixture',
  kde: 'kernel density',
  'pca-kde': 'kernel density on principal components',
  'pca-dbscan': 'DBSCAN on principal components',
} as const

/** What a report says of a detector: what it is, what it looks at, its own options, and what was kept of training. */
export interface DetectorWords {
  /** `knn (nearest neighbours)` */
  readonly type: string
  /** `latent, 16 values`; with principal components: `residual, 64 values, 10 principal components` */
  readonly on: string
  /** `k 1, aggregate mean, metric euclidean` */
  readonly options: string
  /** `200 windows`; what the fit holds: rows, Gaussians or domains. */
  readonly kept: string
}

/** @throws Error when its tables are not valid */
export function describeDetector({ config, vector, preprocessing, model }: DetectorFile): DetectorWords {
  const { type, on, summary: _summary, standardize: _standardize, windows: _windows, ...own } = config
  const { dimensions, components } = preprocessing
  const look = on === 'features' ? `features (${vector.summary})` : on
  const left = components ? `, ${components.count} principal components` : ''
  return {
    type: `${type} (${NAMES[type]})`,
    on: `${look}, ${dimensions} values${left}`,
    options: Object.entries(own)
      .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(' and ') : (value ?? 'automatic')}`)
      .join(', '),
    kept: keptBy(model),
  }
}

function keptBy(model: DetectorModel): string {
  switch (model.type) {
    case 'knn':
    case 'kde':
      return `${unpackTable(model.rows).rows} windows${model.type === 'kde' ? `, bandwidth ${round(model.bandwidth)}` : ''}`
    case 'dbscan':
      return `${unpackTable(model.cores).rows} core points, eps ${round(model.eps)}`
    case 'gmm':
      return `${model.components} ${model.components === 1 ? 'Gaussian' : 'Gaussians'}`
    case 'mahalanobis':
      return model.groups.length === 1
        ? 'a mean and a covariance'
        : `a mean and a covariance of each of ${model.groups.map(({ name }) => name).join(', ')}`
  }
}

const round = (value: number): string => String(Number(value.toPrecision(4)))
