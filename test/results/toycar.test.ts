import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { prepareToyCars } from '../../docs/examples/prepare.ts'
import { sharedData } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { evaluateExample, trainExample } from './example.ts'

const data = sharedData()

/** Mean ROC-AUC of a regularised Mahalanobis distance on each bin's mean and deviation: 0.926, 0.741 and 0.865 on this split. */
const SIMPLE_STATISTIC = 0.844

describe.skipIf(!data)('toy cars', () => {
  const { folder } = temporaryFolder()
  const results: number[] = []

  beforeAll(async () => {
    prepareToyCars({ data: data!, out: folder, seed: 0, alternate: true })
    for (const car of ['01', '02', '03']) {
      const bundle = await trainExample(`toycar-${car}`, folder, 15)
      const { roc_auc } = await evaluateExample(bundle, join(folder, `toycar-${car}/labels.csv`))
      results.push(roc_auc!)
    }
  }, 180_000)

  it('are told apart better than by a simple statistic, one model for each', () => {
    const [car1, car2, car3] = results
    expect((car1 + car2 + car3) / 3).toBeGreaterThan(SIMPLE_STATISTIC)
    expect(Math.min(car1, car2, car3)).toBeGreaterThan(0.7)
  })
})
