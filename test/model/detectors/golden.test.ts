import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { latentsOf } from '../../../src/model/clusters/latents.ts'
import { detectorSchema } from '../../../src/model/detectors/config.ts'
import { fitDetector } from '../../../src/model/detectors/fit.ts'
import { openDetector } from '../../../src/model/detectors/open.ts'
import { fitPreprocessing, preprocess } from '../../../src/model/detectors/preprocessing.ts'
import { shrunkCovariance } from '../../../src/model/detectors/shrinkage.ts'
import { unpackTable } from '../../../src/model/detectors/table.ts'
import { vectorSpec } from '../../../src/model/detectors/vectors.ts'
import { PROJECT } from '../../helpers/requires.ts'

interface Case {
  config: { type: string } & Record<string, unknown>
  scores: number[]
  shrinkage?: number
  bandwidth?: number
  cores?: number
}
const golden = JSON.parse(readFileSync(join(PROJECT, 'test/fixtures/detectors/golden.json'), 'utf8'))
const { dimensions: d, domains } = golden
const train = Float32Array.from(golden.train)
const test = Float32Array.from(golden.test)
const n = test.length / d

const titled = (golden.cases as Case[]).map(one => {
  const { on: _, ...options } = one.config
  return [JSON.stringify(options), one] as const
})

describe.each(titled)('%s', (_, { config, scores, bandwidth, cores }) => {
  const checked = detectorSchema.parse(config)
  const training = { vectors: train, size: d, spec: vectorSpec(checked, 1), groups: { names: ['a', 'b'], of: domains } }
  const file = fitDetector(training, checked, 1)

  it('scores as scikit-learn does', () => {
    const { score } = openDetector(JSON.parse(JSON.stringify(file)), { latent: d, item: 9 })
    const own = score(test, n)
    // EM stops where the likelihood gains less than 1e-3, a little sooner or later by its start.
    const tolerance = config.type === 'gmm' && config.components === 2 ? 5e-3 : 1e-5
    for (const [i, expected] of scores.entries()) {
      expect(Math.abs(own[i] - expected) / Math.max(1, expected)).toBeLessThan(tolerance)
    }
    if (bandwidth) expect('bandwidth' in file.model && file.model.bandwidth).toBeCloseTo(bandwidth, 10)
    if (cores) expect('cores' in file.model && unpackTable(file.model.cores).rows).toBe(cores)
    const summed = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0)
    expect(summed(own)).toBeGreaterThan(0.99 * summed(scores))
  })
})

describe('shrunkCovariance', () => {
  it('finds the shrinkage of LedoitWolf', () => {
    const expected = (golden.cases as Case[]).find(one => one.shrinkage !== undefined)!.shrinkage!
    const raw = latentsOf(train, d)
    const { shrinkage } = shrunkCovariance(
      preprocess(fitPreprocessing(raw, { standardize: true, pca: null }), raw),
      'ledoit-wolf',
    )
    expect(shrinkage).toBeCloseTo(expected, 10)
    expect(shrinkage).toBeGreaterThan(0.001)
  })
})
