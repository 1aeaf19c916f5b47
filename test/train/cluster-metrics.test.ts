import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adjustedRandIndex, normalizedMutualInformation, purity } from '../../src/train/cluster-metrics.ts'

interface Golden {
  truth: number[]
  clusters: number[]
  purity: number
  adjusted_rand_index: number
  normalized_mutual_information: number
}

const { cases } = JSON.parse(readFileSync(new URL('../fixtures/clusters/metrics.json', import.meta.url), 'utf8')) as {
  cases: Golden[]
}

const pair = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 6 })), { minLength: 1, maxLength: 80 })
  .map(items => ({ truth: items.map(([t]) => t), clusters: items.map(([, c]) => c) }))

describe('metrics of a grouping', () => {
  it.each(cases.map((golden, i) => [i, golden] as const))('case %i agrees with scikit-learn', (_, golden) => {
    const { truth, clusters } = golden
    expect(purity(truth, clusters)).toBeCloseTo(golden.purity, 12)
    expect(adjustedRandIndex(truth, clusters)).toBeCloseTo(golden.adjusted_rand_index, 12)
    expect(normalizedMutualInformation(truth, clusters)).toBeCloseTo(golden.normalized_mutual_information, 12)
  })

  it('do not care what labels and clusters are called', () => {
    fc.assert(
      fc.property(pair, ({ truth, clusters }) => {
        for (const metric of [purity, adjustedRandIndex, normalizedMutualInformation]) {
          const renamed = metric(
            truth.map(t => `class ${9 - t}`),
            clusters.map(c => 100 - c),
          )
          expect(renamed).toBeCloseTo(metric(truth, clusters), 12)
        }
      }),
    )
  })

  it('are 1 for the truth itself, and purity is 1 with a cluster for each item', () => {
    fc.assert(
      fc.property(pair, ({ truth }) => {
        for (const metric of [purity, adjustedRandIndex, normalizedMutualInformation]) {
          expect(metric(truth, truth)).toBeCloseTo(1, 12)
        }
        expect(purity(truth, [...truth.keys()])).toBe(1)
      }),
    )
  })

  it('refuse lists of different lengths', () => {
    expect(() => purity([1, 2], [1])).toThrow(RangeError)
  })
})
