import { tf } from '../model/tf.ts'
import type { OptimizerConfig } from './optimizer-config.ts'

/** An optimiser as a function on vectors that hold all weights, so that one step is a handful of operations. */
export interface Optimizer {
  /** Names of its state vectors, each as long as the weights, zero at the start. */
  readonly slots: readonly string[]
  /**
   * @param rate learning rate, a scalar. @param step 1-based number of this step, a scalar
   * @returns the new weights, and the new value of each slot
   */
  update(
    weights: tf.Tensor,
    gradient: tf.Tensor,
    rate: tf.Tensor,
    step: tf.Tensor,
    slots: Record<string, tf.Tensor>,
  ): { weights: tf.Tensor; slots: Record<string, tf.Tensor> }
}

export function createOptimizer(config: OptimizerConfig): Optimizer {
  return config.type === 'adam' ? adam(config) : sgd(config)
}

/**
 * Adam (Kingma and Ba, 2015). The moments are kept without their factors 1 − β, which go into the step size: two multiplications
 * over all weights fewer.
 */
function adam(config: Extract<OptimizerConfig, { type: 'adam' }>): Optimizer {
  const { epsilon } = config
  const [beta1, beta2] = [config.beta1 ?? 0.9, config.beta2 ?? 0.999]
  return {
    slots: ['moment1', 'moment2'],
    update: (weights, gradient, rate, step, { moment1, moment2 }) => {
      const m = tf.add(tf.mul(moment1, beta1), gradient)
      const v = tf.add(tf.mul(moment2, beta2), tf.square(gradient))
      // p − rate · m̂ / (√v̂ + ε), with m̂ = (1 − β₁) m / (1 − β₁ᵗ) and v̂ = (1 − β₂) v / (1 − β₂ᵗ), divided through by v̂'s factor.
      const mScale = tf.div(1 - beta1, tf.sub(1, tf.pow(beta1, step)))
      const vScale = tf.sqrt(tf.div(1 - beta2, tf.sub(1, tf.pow(beta2, step))))
      const size = tf.mul(rate, tf.div(mScale, vScale))
      const direction = tf.div(m, tf.add(tf.sqrt(v), tf.div(epsilon, vScale)))
      return { weights: tf.sub(weights, tf.mul(direction, size)), slots: { moment1: m, moment2: v } }
    },
  }
}

/** Stochastic gradient descent with momentum, as PyTorch's: v ← μ v + g, p ← p − rate · v. */
function sgd({ momentum }: Extract<OptimizerConfig, { type: 'sgd' }>): Optimizer {
  if (momentum === 0) {
    return {
      slots: [],
      update: (weights, gradient, rate) => ({ weights: tf.sub(weights, tf.mul(gradient, rate)), slots: {} }),
    }
  }
  return {
    slots: ['velocity'],
    update: (weights, gradient, rate, _step, { velocity }) => {
      const v = tf.add(tf.mul(velocity, momentum), gradient)
      return { weights: tf.sub(weights, tf.mul(v, rate)), slots: { velocity: v } }
    },
  }
}
