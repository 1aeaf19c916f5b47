import type { Loss } from './loss-names.ts'
import { tf } from './tf.ts'

/** Keeps the logarithm of bce finite (Keras's epsilon). */
const EPSILON = 1e-7

/**
 * Loss of each element, of the shape of its arguments. smooth-l1 is PyTorch's with beta 1; bce expects both in [0, 1].
 */
export function elementLoss(loss: Loss, prediction: tf.Tensor, target: tf.Tensor): tf.Tensor {
  switch (loss) {
    case 'mse':
      return tf.squaredDifference(prediction, target)
    case 'mae':
      return tf.abs(tf.sub(prediction, target))
    case 'smooth-l1': {
      const error = tf.abs(tf.sub(prediction, target))
      const capped = tf.minimum(error, 1)
      // 0.5 e² below 1 and e − 0.5 above, without a branch.
      return tf.sub(tf.mul(capped, error), tf.mul(tf.square(capped), 0.5))
    }
    case 'bce': {
      const p = tf.clipByValue(prediction, EPSILON, 1 - EPSILON)
      const positive = tf.mul(target, tf.log(p))
      const negative = tf.mul(tf.sub(1, target), tf.log(tf.sub(1, p)))
      return tf.neg(tf.add(positive, negative))
    }
  }
}
