import { tf } from '../tf.ts'

/** Keeps the slope of a norm finite where the norm is 0. */
const EPSILON = 1e-12

/**
 * Mean of (‖∇ critic‖ − 1)² at points between real and generated items (Gulrajani et al. 2017, eq. 3, without its weight).
 * @param critic `[n, …]` to `[n, 1]`, of each item by itself
 * @param mixture how much of the real item is in each point, `[n]`
 */
export function gradientPenalty(
  critic: (items: tf.Tensor) => tf.Tensor,
  real: tf.Tensor,
  made: tf.Tensor,
  mixture: tf.Tensor,
): tf.Scalar {
  const [n, ...rest] = real.shape
  const share = tf.reshape(mixture, [n, ...rest.map(() => 1)])
  const between = tf.add(made, tf.mul(share, tf.sub(real, made)))
  const slope = tf.grad((items: tf.Tensor) => tf.sum(critic(items)))(between)
  const squares = tf.sum(tf.square(tf.reshape(slope, [n, -1])), 1)
  return tf.mean(tf.square(tf.sub(tf.sqrt(tf.add(squares, EPSILON)), 1))) as tf.Scalar
}
