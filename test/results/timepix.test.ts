import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { prepareTimepix } from '../../docs/examples/prepare.ts'
import { sharedData } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { evaluateExample, trainExample } from './example.ts'

const data = sharedData()

describe.skipIf(!data)('frames of a Timepix detector', () => {
  const { folder } = temporaryFolder()
  let bundle: string

  beforeAll(async () => {
    prepareTimepix({ data: data!, out: folder, seed: 0 })
    bundle = await trainExample('timepix', folder, 25)
  }, 120_000)

  it.each(['0-36', '1-01', '3-20'])('score higher behind %s mm of aluminium', async thickness => {
    const { roc_auc, normal, anomalous } = await evaluateExample(
      bundle,
      join(folder, `timepix/labels-${thickness}.csv`),
    )
    expect([normal, anomalous]).toEqual([240, 600])
    expect(roc_auc).toBeGreaterThanOrEqual(0.99)
  })
})
