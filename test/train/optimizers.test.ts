import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tf } from '../../src/model/tf.ts'
import { optimizerSchema } from '../../src/train/optimizer-config.ts'
import { createOptimizer } from '../../src/train/optimizers.ts'
import { relativeDifference } from '../helpers/traced.ts'

const golden = JSON.parse(readFileSync(new URL('../fixtures/torch/golden.json', import.meta.url), 'utf8'))

/** Weights after each of five steps on the loss sum(weights⁴) / 4. */
function path(options: object, rate: number): number[][] {
  tf.setBackend('cpu')
  const optimizer = createOptimizer(optimizerSchema.parse(options))
  let weights: tf.Tensor = tf.tensor1d([1, -2, 0.5, 3])
  let slots: Record<string, tf.Tensor> = Object.fromEntries(optimizer.slots.map(name => [name, tf.zeros([4])]))
  return [1, 2, 3, 4, 5].map(step => {
    const gradient = tf.pow(weights, 3)
    ;({ weights, slots } = optimizer.update(weights, gradient, tf.scalar(rate), tf.scalar(step), slots))
    return [...weights.dataSync()]
  })
}

describe("optimisers take PyTorch's steps", () => {
  const cases = [
    ['adam', { type: 'adam' }, 0.05],
    ['sgd', { type: 'sgd' }, 0.01],
    ['sgd_plain', { type: 'sgd', momentum: 0 }, 0.01],
  ] as const
  for (const [name, options, rate] of cases) {
    it(name, () => {
      const expected: number[][] = golden[name]
      path(options, rate).forEach((weights, i) => {
        expect(relativeDifference(weights, expected[i])).toBeLessThanOrEqual(1e-5)
      })
    })
  }
})
