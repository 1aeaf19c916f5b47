import type { Random } from '../../random.ts'
import type { tf } from '../tf.ts'

/**
 * Random numbers that a step of training needs: a dropout mask, the noise of a variational bottleneck, draws of a latent. Made inside a
 * traced function they would be frozen into the graph, so the trainer feeds them, seeded by the step: a run can be repeated and resumed.
 */
export interface RandomInput {
  /** Shape of one item's numbers; known once the layer is built. */
  readonly itemShape: readonly number[]
  /** Makes one number. */
  draw(random: Random): number
  /** `[n, …itemShape]` while a step is traced or run. */
  value: tf.Tensor | undefined
}

/** Numbers of a distribution, for a family that uses them outside of a layer. */
export class Draws implements RandomInput {
  readonly itemShape: readonly number[]
  readonly #distribution: 'normal' | 'uniform'
  value: tf.Tensor | undefined

  /** @param distribution standard normal, or uniform in [0, 1) */
  constructor(itemShape: readonly number[], distribution: 'normal' | 'uniform') {
    this.itemShape = itemShape
    this.#distribution = distribution
  }

  draw(random: Random): number {
    return this.#distribution === 'normal' ? random.normal() : random.uniform()
  }

  /** `[n, …itemShape]` @throws outside of a step */
  read(): tf.Tensor {
    if (!this.value) throw new Error('random numbers are asked for outside of a step')
    return this.value
  }
}
