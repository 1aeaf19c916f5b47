import { tf, tfl } from '../../tf.ts'

/** Keeps the length of a vector of zeros from dividing, as in PyTorch. */
const EPSILON = 1e-12

/**
 * A kernel divided by an estimate of its spectral norm σ, its largest singular value as a matrix `[inputs, outputs]` (Miyato et al. 2018).
 * One step of power iteration from u: v = W u / ‖W u‖, u′ = Wᵀ v / ‖Wᵀ v‖, σ = vᵀ W u′. The gradient takes u′ and v as constants.
 * @param kernel outputs are its last axis
 * @param u `[1, outputs]`, the estimate of the step before
 * @returns the kernel, and u′ for the next step
 */
export function spectralNorm(kernel: tf.Tensor, u: tf.Tensor): { kernel: tf.Tensor; u: tf.Tensor; sigma: tf.Tensor } {
  const matrix = tf.reshape(kernel, [-1, kernel.shape.at(-1)!]) as tf.Tensor2D
  const v = unit(tf.matMul(u as tf.Tensor2D, matrix, false, true))
  const product = tf.matMul(v as tf.Tensor2D, matrix)
  const next = unit(product)
  const sigma = tf.sum(tf.mul(product, next))
  return { kernel: tf.reshape(divided(matrix, v, next, sigma), kernel.shape), u: next, sigma }
}

const unit = (x: tf.Tensor): tf.Tensor => tf.div(x, tf.add(tf.sqrt(tf.sum(tf.square(x))), EPSILON))

/** W / σ, where dσ/dW = v ⊗ u. */
function divided(matrix: tf.Tensor, v: tf.Tensor, u: tf.Tensor, sigma: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [w] = args as tf.Tensor[]
    const save = args[1] as tf.GradSaveFunc
    save([w, v, u, sigma])
    const gradFunc = (dy: tf.Tensor, [w, v, u, sigma]: tf.Tensor[]) => {
      const along = tf.div(tf.sum(tf.mul(dy, w)), tf.square(sigma))
      const direction = tf.matMul(v as tf.Tensor2D, u as tf.Tensor2D, true, false)
      return tf.sub(tf.div(dy, sigma), tf.mul(direction, along))
    }
    return { value: tf.div(w, sigma), gradFunc }
  })
  return op(matrix)
}

/** What power iteration begins with, `[1, outputs]`. */
export const firstEstimate = (seed: number) => tfl.initializers.randomNormal({ mean: 0, stddev: 1, seed })
