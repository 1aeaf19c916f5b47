import { describe, expect, it } from 'vitest'
import { classificationReport } from '../../src/train/classification.ts'
import { harmonicMean } from '../../src/train/harmonic-mean.ts'
import { golden } from './golden-ranking.ts'

describe('classificationReport', () => {
  it.each(golden.reports)('agrees with scikit-learn on $labels', ({ truth, predicted, labels, ...expected }) => {
    const found = classificationReport(truth, predicted, labels)
    expect(found.confusion).toEqual({ labels, counts: expected.confusion })
    expect(found.accuracy).toBeCloseTo(expected.accuracy, 12)
    for (const [k, label] of labels.entries()) {
      const { precision, recall, f1, support } = found.classes[label]
      for (const [i, value] of [precision, recall, f1, support].entries())
        expect(value).toBeCloseTo(expected.classes[k][i], 12)
    }
    for (const kind of ['macro', 'weighted', 'micro'] as const) {
      const { precision, recall, f1 } = found.averages[kind]
      for (const [i, value] of [precision, recall, f1].entries())
        expect(value, kind).toBeCloseTo(expected.averages[kind][i], 12)
    }
  })
})

describe('harmonicMean', () => {
  it.each(golden.harmonic_means)('agrees with scipy on $values', ({ values, mean }) => {
    expect(harmonicMean(values)).toBeCloseTo(mean, 12)
  })
})
