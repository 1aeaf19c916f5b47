import { AuscultError, messageOf } from '../../errors.ts'
import { openDbscan } from './dbscan.ts'
import type { DetectorFile, DetectorModel } from './detector-file.ts'
import { openGmm } from './gmm.ts'
import { openKde } from './kde.ts'
import { openKnn } from './knn.ts'
import { openMahalanobis } from './mahalanobis.ts'
import { openPreprocessing } from './preprocessing.ts'
import type { ScoreVector } from './score-vector.ts'
import { type VectorSpec, vectorSize } from './vectors.ts'

/** A fitted detector, ready to score. */
export interface Detector {
  readonly vector: VectorSpec
  /** @param vectors `[n × size]` @returns `[n]`, not negative; not finite where a value is not */
  score(vectors: Float32Array, n: number): Float32Array
}

/**
 * @param sizes of the model's latent and of one item of its features
 * @throws AUSCULT_BUNDLE when it is of another model, or its numbers are not those of its sizes
 */
export function openDetector(file: DetectorFile, sizes: { latent: number; item: number }): Detector {
  const { vector } = file
  const size = file.preprocessing.dimensions
  try {
    const expected = vectorSize(vector, sizes)
    if (size !== expected) throw new Error(`it takes ${size} values of a window, and the model gives ${expected}`)
    if (sizes.item % vector.bands !== 0) throw new Error(`${sizes.item} features are no rows of ${vector.bands} bands`)
    const { width, apply } = openPreprocessing(file.preprocessing)
    const dimensions = dimensionsOf(file.model)
    if (dimensions !== width) throw new Error(`it is of ${dimensions} values, and ${width} are left of a window`)
    const scoreOf = openModel(file.model)
    const score = (vectors: Float32Array, n: number) =>
      Float32Array.from({ length: n }, (_, i) => scoreOf(apply(vectors.subarray(i * size, (i + 1) * size))))
    return { vector, score }
  } catch (cause) {
    throw new AuscultError('AUSCULT_BUNDLE', `the detector is not valid: ${messageOf(cause)}`, {
      at: 'detector.json',
      remedy: 'Give the folder that `auscult train` wrote, or train again.',
      cause,
    })
  }
}

function dimensionsOf(model: DetectorModel): number {
  if (model.type === 'dbscan') return model.cores.dimensions
  return 'rows' in model ? model.rows.dimensions : model.dimensions
}

function openModel(model: DetectorModel): ScoreVector {
  switch (model.type) {
    case 'knn':
      return openKnn(model)
    case 'mahalanobis':
      return openMahalanobis(model)
    case 'gmm':
      return openGmm(model)
    case 'kde':
      return openKde(model)
    case 'dbscan':
      return openDbscan(model)
  }
}
