import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { prepareToyCars } from '../../docs/examples/prepare.ts'
import { sharedData } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { evaluateExample, trainExample } from './example.ts'

const data = sharedData()
const CARS = ['01', '02', '03']

/** Mean ROC-AUC of a regularised Mahalanobis distance on each bin's mean and deviation: 0.926, 0.741 and 0.865 on this split. */
const SIMPLE_STATISTIC = 0.844

describe.skipIf(!data)('toy cars', () => {
  const { folder } = temporaryFolder()
  const results: number[] = []

  beforeAll(async () => {
    prepareToyCars({ data: data!, out: folder, seed: 0, alternate: true })
    for (const car of CARS) {
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

  it('are told apart far better by one model that has a centre of each and one covariance of all', async () => {
    const paths = CARS.map(car => join(folder, `toycar-${car}/train`))
    const bundle = await trainExample('toycar-machines', folder, 1, paths)
    const { machines } = await evaluateExample(bundle, join(folder, 'toycars/labels.csv'))
    expect(machines?.mean_roc_auc).toBeGreaterThan(0.93)
    expect(Math.min(...machines!.machines.map(({ roc_auc }) => roc_auc!))).toBeGreaterThan(0.88)
  })
})
