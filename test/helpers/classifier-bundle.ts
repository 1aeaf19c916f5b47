import type { BundleParts } from '../../src/model/bundle.ts'
import { calibrate } from '../../src/model/calibration.ts'
import type { Manifest } from '../../src/model/manifest.ts'
import { tf } from '../../src/model/tf.ts'
import { trace } from '../../src/model/trace/trace.ts'
import { tinyParts } from './tiny-bundle.ts'

export const CLASSES = ['quiet', 'middle', 'loud']
/** Mean absolute feature that each class lies at. */
const LEVELS = [0.1, 0.5, 0.9]

/** Tells apart how loud an item is: softmax of −40 (level − that of the class)². Its score is the mean square. */
export function classifierGraph(featureShape: readonly number[], levels: readonly number[] = LEVELS): Uint8Array {
  const axes = featureShape.map((_, i) => i + 1)
  const { onnx } = trace({
    name: 'classifier',
    inputs: { features: { shape: [-1, ...featureShape] } },
    fn: ({ features }) => {
      const level = tf.expandDims(tf.mean(tf.abs(features), axes), 1)
      const probabilities = tf.softmax(tf.mul(tf.squaredDifference(level, tf.tensor2d([[...levels]])), -40))
      const latent = tf.concat([level, tf.neg(level)], 1)
      return { score: tf.mean(tf.square(features), axes), latent, probabilities, reconstruction: tf.mul(features, 0.5) }
    },
  })
  return onnx
}

/** A bundle that tells three classes apart in windows of 100 samples at 1 kHz. */
export function classifierParts(changes: Partial<Manifest> = {}, levels?: readonly number[]): BundleParts {
  const parts = tinyParts()
  const windows = Float32Array.from({ length: 200 }, (_, i) => Math.sin(i))
  const squares = (from: number) => windows.subarray(from, from + 100).reduce((sum, x) => sum + x * x, 0) / 100
  return {
    ...parts,
    manifest: {
      ...parts.manifest,
      name: 'levels',
      front_end: { type: 'raw', sample_rate: 1000, window_samples: 100 },
      normalization: { offset: [0], scale: [1] },
      architecture: { type: 'foreign' },
      window: { shape: [100], sample_rate: 1000 },
      items: 1,
      feature_shape: [100, 1],
      classes: CLASSES,
      ...changes,
    },
    model: classifierGraph([100, 1], levels),
    calibration: calibrate(Array.from({ length: 200 }, (_, i) => 0.1 + i / 400)),
    golden: { windows, scores: Float32Array.of(squares(0), squares(100)) },
  }
}
