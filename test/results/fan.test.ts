import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { prepareFan } from '../../docs/examples/prepare.ts'
import { sharedData } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { evaluateExample, trainExample } from './example.ts'

const data = sharedData()

describe.skipIf(!data)('the cooling fan', () => {
  const { folder } = temporaryFolder()

  it('is told from its damages in the session that was not trained on', { timeout: 120_000 }, async () => {
    prepareFan({ data: data!, out: folder, seed: 0 })
    for (const session of [1, 2]) {
      const bundle = await trainExample('fan', folder, 1, [join(folder, `fan-${session}/train`)])
      for (const damage of ['damage1', 'damage2']) {
        const { roc_auc } = await evaluateExample(bundle, join(folder, `fan-${session}/labels-${damage}.csv`))
        expect(roc_auc, `session ${session}, ${damage}`).toBeGreaterThan(0.9)
      }
    }
  })
})
