import { seeded } from '../../random.ts'
import { tf } from '../tf.ts'

/** Keeps the gradient of the sine finite where an item lies at its centre. */
const LEAST_SINE_SQUARED = 1e-7

/** Rows of length 1, `[n, d]`. */
export const normalizeRows = (rows: tf.Tensor, axis = 1): tf.Tensor =>
  tf.mul(rows, tf.rsqrt(tf.maximum(tf.sum(tf.square(rows), axis, true), 1e-12)))

/** Centres of classes, `[d, classes × subclusters]`, in random directions. */
export function randomCentres(d: number, count: number, seed: number): tf.Variable {
  const random = seeded(seed, count)
  return tf.variable(
    tf.tensor(
      Float32Array.from({ length: d * count }, () => random.normal() / Math.sqrt(d)),
      [d, count],
    ),
  )
}

/**
 * Cosine of each item with the nearest centre of each class, `[n, classes]` (sub-centre ArcFace, Deng et al. 2020).
 * @param rows of length 1, `[n, d]`
 */
export function cosines(rows: tf.Tensor, centres: tf.Tensor, classes: number): tf.Tensor {
  const all = tf.matMul(rows as tf.Tensor2D, normalizeRows(centres, 0) as tf.Tensor2D)
  const subclusters = centres.shape[1]! / classes
  return subclusters === 1 ? all : tf.max(tf.reshape(all, [-1, classes, subclusters]), 2)
}

/**
 * What the softmax of ArcFace gets (Deng et al. 2019, eq. 3): s · cos(θ + m) for the class of an item, s · cos θ for the others. Where θ + m is
 * beyond π, and its cosine would rise again, cos θ − m sin m goes on falling, as in the authors' code.
 * @param cosine `[n, classes]`
 * @param truth one-hot, `[n, classes]`
 */
export function arcfaceLogits(
  cosine: tf.Tensor,
  truth: tf.Tensor,
  { margin, scale }: { margin: number; scale: number },
): tf.Tensor {
  const own = tf.sum(tf.mul(cosine, truth), 1, true)
  const sine = tf.sqrt(tf.maximum(tf.sub(1, tf.square(own)), LEAST_SINE_SQUARED))
  const moved = tf.sub(tf.mul(own, Math.cos(margin)), tf.mul(sine, Math.sin(margin)))
  const beyond = tf.sub(own, margin * Math.sin(margin))
  const target = tf.where(tf.greater(own, -Math.cos(margin)), moved, beyond)
  return tf.mul(tf.add(cosine, tf.mul(truth, tf.sub(target, own))), scale)
}
