import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { LOSSES } from '../../src/model/loss-names.ts'
import { elementLoss } from '../../src/model/losses.ts'
import { tf } from '../../src/model/tf.ts'
import { relativeDifference } from '../helpers/traced.ts'

const golden = JSON.parse(readFileSync(new URL('../fixtures/torch/golden.json', import.meta.url), 'utf8'))

describe('losses', () => {
  for (const loss of LOSSES) {
    it(`${loss} is PyTorch's, element by element`, () => {
      tf.setBackend('cpu')
      const [prediction, target] = loss === 'bce' ? ['prediction', 'target'] : ['wide', 'other']
      const values = elementLoss(loss, tf.tensor(golden[prediction], [3, 5]), tf.tensor(golden[target], [3, 5]))
      expect(values.shape).toEqual([3, 5])
      expect(relativeDifference(values.dataSync(), golden.losses[loss])).toBeLessThanOrEqual(1e-6)
    })
  }

  it('bce stays finite where the prediction is 0 or 1', () => {
    const values = elementLoss('bce', tf.tensor([0, 1, 0, 1]), tf.tensor([0, 1, 1, 0])).dataSync()
    expect(values.every(Number.isFinite)).toBe(true)
  })
})
