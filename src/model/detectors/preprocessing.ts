import type { Latents } from '../clusters/latents.ts'
import { fitPca } from '../clusters/pca.ts'
import type { Preprocessing } from './detector-file.ts'
import { centreGroups } from './groups.ts'
import { packVector, unpackVector } from './table.ts'

/** Components of less than this part of the variance are rounding. */
const RESOLUTION = 1e-10

export interface PreprocessingOptions {
  /** By the deviation of all rows, or of those of a group around their mean. */
  standardize: boolean
  /** The group of each row; absent: all are of one. */
  groups?: readonly number[]
  pca: { components: number; whiten: boolean } | null
}

/** Fits the conventions of scikit-learn's `StandardScaler` and `PCA`. */
export function fitPreprocessing(latents: Latents, { standardize, groups, pca }: PreprocessingOptions): Preprocessing {
  const { data, rows, dimensions: d } = latents
  const offset = new Float64Array(d)
  const scale = new Float64Array(d).fill(1)
  for (let i = 0; standardize && i < rows; i++) for (let j = 0; j < d; j++) offset[j] += data[i * d + j] / rows
  const around = groups && standardize ? centreGroups(latents, groups, Math.max(...groups) + 1).centred.data : null
  for (let j = 0; standardize && j < d; j++) {
    let squares = 0
    for (let i = 0; i < rows; i++) squares += (around ? around[i * d + j] : data[i * d + j] - offset[j]) ** 2
    const deviation = Math.sqrt(squares / rows)
    // Less is rounding of float32: the value did not vary.
    if (deviation > 1e-6 * Math.abs(offset[j]) && deviation > 0) scale[j] = 1 / deviation
  }
  const plain = { dimensions: d, offset: packVector(offset), scale: packVector(scale), components: null }
  if (!pca) return plain
  const scaled = preprocess(plain, latents)
  const fitted = fitPca(Float32Array.from(scaled.data), d, Math.min(pca.components, d, rows - 1))
  const kept = fitted.components.filter((_, i) => i === 0 || fitted.explained_variance_ratio[i] > RESOLUTION)
  const matrix = kept.flatMap((component, i) => {
    const deviation = pca.whiten && fitted.explained_variance[i] > 0 ? Math.sqrt(fitted.explained_variance[i]) : 1
    return component.map(value => value / deviation)
  })
  // The mean that components are taken around goes into the offset.
  const centred = offset.map((value, j) => value + fitted.mean[j] / scale[j])
  const components = { count: kept.length, matrix: packVector(Float64Array.from(matrix)) }
  return { ...plain, offset: packVector(centred), components }
}

/** @throws Error when the numbers are not those of its sizes */
export function openPreprocessing({ dimensions: d, offset, scale, components }: Preprocessing) {
  const shift = unpackVector(offset, d)
  const factor = unpackVector(scale, d)
  const matrix = components && unpackVector(components.matrix, components.count * d)
  const width = components?.count ?? d
  const scaled = new Float64Array(d)
  return {
    /** Values that are left. */
    width,
    /** @param vector `[d]` @returns `[width]` */
    apply(vector: ArrayLike<number>): Float64Array {
      for (let j = 0; j < d; j++) scaled[j] = (vector[j] - shift[j]) * factor[j]
      if (!matrix) return scaled.slice()
      const out = new Float64Array(width)
      for (let c = 0; c < width; c++) for (let j = 0; j < d; j++) out[c] += matrix[c * d + j] * scaled[j]
      return out
    },
  }
}

/** Every row. */
export function preprocess(preprocessing: Preprocessing, { data, rows, dimensions: d }: Latents): Latents {
  const { width, apply } = openPreprocessing(preprocessing)
  const out = new Float64Array(rows * width)
  for (let i = 0; i < rows; i++) out.set(apply(data.subarray(i * d, (i + 1) * d)), i * width)
  return { data: out, rows, dimensions: width }
}
