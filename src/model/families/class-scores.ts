import { AuscultError } from '../../errors.ts'
import { tf } from '../tf.ts'
import type { ModelContext } from './model.ts'

/** The number of classes that a model is built for. @throws AUSCULT_CONFIG when it is built for none */
export function countClasses(type: string, { classWeights }: ModelContext): number {
  if (classWeights && classWeights.length > 1) return classWeights.length
  throw new AuscultError('AUSCULT_CONFIG', `${type} learns to tell classes apart, and there are none`, {
    at: 'classes',
    remedy: 'Add for example `classes: { from: folder }`.',
  })
}

/** Indices of classes by their names. @throws AUSCULT_CONFIG for names that are absent, and when all classes are normal */
export function normalClasses(normal: readonly string[], classes: readonly string[] = []): number[] {
  const fail = (message: string): never => {
    throw new AuscultError('AUSCULT_CONFIG', message, {
      at: 'architecture.normal',
      remedy: `Name some of the classes, not all: ${classes.join(', ')}; or set null.`,
    })
  }
  const unknown = normal.filter(name => !classes.includes(name))
  if (unknown.length > 0) return fail(`there is no class ${unknown.map(name => `"${name}"`).join(', ')}`)
  const indices = classes.flatMap((name, index) => (normal.includes(name) ? [index] : []))
  return indices.length < classes.length ? indices : fail('every class is normal: nothing would be an anomaly')
}

/** `[n]` to `[n, classes]`. */
export const oneHot = (labels: tf.Tensor, classes: number): tf.Tensor =>
  tf.oneHot(tf.cast(labels, 'int32') as tf.Tensor1D, classes)

/**
 * Cross-entropy of classes, the mean weighted by class as PyTorch's: Σ wᵢ lᵢ / Σ wᵢ.
 * @param logits `[n, classes]`
 * @param labels indices of classes, `[n]`
 * @param shares what part of each item's loss counts, `[n]`; default 1
 */
export function crossEntropy(
  logits: tf.Tensor,
  labels: tf.Tensor,
  classWeights: readonly number[],
  shares?: tf.Tensor,
): tf.Scalar {
  const weights = tf.mul(oneHot(labels, classWeights.length), tf.tensor1d([...classWeights]))
  const losses = tf.sum(tf.mul(weights, tf.logSoftmax(logits)), 1)
  return tf.neg(tf.div(tf.sum(shares ? tf.mul(losses, shares) : losses), tf.sum(weights)))
}

/** −ln of the probability of the likeliest class, `[n]`: the baseline of Hendrycks and Gimpel 2017 in units of surprise. */
export const surpriseOfLikeliest = (logits: tf.Tensor): tf.Tensor =>
  tf.log(tf.sum(tf.exp(tf.sub(logits, tf.max(logits, 1, true))), 1))

/** −ln of the probability of some of the classes, `[n]`. As ln(1 + odds against them), which loses no digits where either is near 1. */
export function surpriseOf(logits: tf.Tensor, indices: readonly number[]): tf.Tensor {
  const others = Array.from({ length: logits.shape[1]! }, (_, i) => i).filter(i => !indices.includes(i))
  const logSumExp = (classes: readonly number[]) => tf.logSumExp(tf.gather(logits, [...classes], 1), 1)
  return tf.softplus(tf.sub(logSumExp(others), logSumExp(indices)))
}
