import { describe, expect, it } from 'vitest'
import { averagePrecision, operatingCurve, partialRocAuc, rocAuc } from '../../src/train/metrics.ts'
import { Ranking } from '../../src/train/ranking.ts'
import { golden, MEASURES } from './golden-ranking.ts'

describe('Ranking', () => {
  it.each(golden.weighted)('agrees with scikit-learn on weighted items, $max_fpr', expected => {
    const { anomalous, scores, weights, max_fpr } = expected
    const found = new Ranking(anomalous, scores).measure(weights, max_fpr)
    for (const name of MEASURES) expect(found[name], name).toBeCloseTo(expected.measures[name], 12)
  })

  it.each(golden.weighted)(
    'gives the plain metrics where all weigh alike, $max_fpr',
    ({ anomalous, scores, max_fpr }) => {
      const found = new Ranking(anomalous, scores).measure(
        scores.map(() => 2),
        max_fpr,
      )
      expect(found.roc_auc).toBeCloseTo(rocAuc(anomalous, scores), 12)
      expect(found.partial_roc_auc).toBeCloseTo(partialRocAuc(anomalous, scores, max_fpr), 12)
      expect(found.average_precision).toBeCloseTo(averagePrecision(anomalous, scores), 12)
    },
  )
})

describe('operatingCurve', () => {
  it.each(golden.curves)('agrees with scikit-learn', ({ anomalous, scores, threshold, ...expected }) => {
    const found = operatingCurve(anomalous, scores)
    expect(found.threshold).toEqual(threshold)
    for (const name of ['fpr', 'tpr', 'precision'] as const) {
      expect(found[name]).toHaveLength(expected[name].length)
      found[name].forEach((value, i) => {
        expect(value).toBeCloseTo(expected[name][i], 12)
      })
    }
  })
})
