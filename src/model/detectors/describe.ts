import type { DetectorFile, DetectorModel, ModelOf } from './detector-file.ts'
import { unpackTable } from './table.ts'

const LISTED = 8

const NAMES = {
  knn: 'nearest neighbours',
  mahalanobis: 'Mahalanobis distance',
  'selective-mahalanobis': 'selective Mahalanobis distance',
  gmm: 'Gaussian mixture',
  kde: 'kernel density',
  'pca-kde': 'kernel density on principal components',
  'pca-dbscan': 'DBSCAN on principal components',
} as const

/** What a report says of a detector: what it is, what it looks at, its own options that are set, and what was kept of training. */
export interface DetectorWords {
  /** `knn (nearest neighbours)` */
  readonly type: string
  /** `latent, 16 values`; with principal components: `residual, 64 values, 10 principal components` */
  readonly on: string
  /** `k 1, aggregate mean, metric euclidean` */
  readonly options: string
  /** `200 windows`; what the fit holds: rows, Gaussians or domains. */
  readonly kept: string
  /** Training windows that it was fitted to; null in bundles of older versions. */
  readonly windows: number | null
}

/** @throws Error when its tables are not valid */
export function describeDetector({ config, vector, preprocessing, model, windows }: DetectorFile): DetectorWords {
  const { type, on, summary: _summary, standardize: _standardize, windows: _most, ...own } = config
  const { dimensions, components } = preprocessing
  const look = on === 'features' ? `features (${vector.summary})` : on
  const left = components ? `, ${components.count} principal components` : ''
  return {
    type: `${type} (${NAMES[type]})`,
    on: `${look}, ${dimensions} values${left}`,
    options: Object.entries(own)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(' and ') : value}`)
      .join(', '),
    kept: keptBy(model),
    windows: windows ?? null,
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
      return describeGroups(model)
  }
}

function describeGroups({ groups }: ModelOf<'mahalanobis'>): string {
  if (groups.length === 1) return 'a mean and a covariance'
  const names = groups.map(({ name }) => name)
  const listed = names.slice(0, LISTED).join(', ') + (names.length > LISTED ? ` and ${names.length - LISTED} more` : '')
  return groups.every(({ covariance }) => covariance !== null)
    ? `a mean and a covariance of each of ${listed}`
    : `a mean of each of ${listed}, and one covariance`
}

const round = (value: number): string => String(Number(value.toPrecision(4)))
