import { describe, expect, it } from 'vitest'
import { scoreHistograms } from '../../../src/train/evaluation/histogram.ts'
import { clusterLines, fractionLines, histogramLines } from '../../../src/train/evaluation/text.ts'

describe('text', () => {
  it('draws a line for each group over the same scores', () => {
    const histogram = scoreHistograms([0, 0, 1, 4, 4, 8], ['a', 'a', 'a', 'b', 'b', 'b'], 8)
    expect(histogramLines('scores by class', histogram, 4.5)).toEqual([
      'scores by class    0 to 8',
      '  a                █▄       3',
      '  b                    █  ▄ 3',
      '                       ^ threshold',
    ])
    expect(histogramLines('x', histogram, 9).join()).not.toContain('^')
    expect(histogramLines('x', scoreHistograms([], []), 1)).toEqual([])
  })

  it('keeps many and long names in bounds', () => {
    const names = Array.from({ length: 20 }, (_, i) => `a class with a long name ${i}`)
    const lines = histogramLines(
      'x',
      scoreHistograms(
        names.map((_, i) => i + 1),
        names,
        4,
      ),
      100,
    )
    expect(lines[1]).toBe('  a class with a … █    1')
    expect(lines.at(-1)).toBe('  and 8 more')
    expect(lines).toHaveLength(14)
  })

  it('prints clusters and how they agree', () => {
    const agreement = {
      purity: 0.9,
      adjusted_rand_index: 0.5,
      normalized_mutual_information: 0.6,
      largest_class: 0.7,
      items: 10,
    }
    const lines = clusterLines({
      method: 'gmm',
      k: 'auto',
      space: 'pca2',
      dimensions: 2,
      seed: 3,
      clusters: [{ id: 1, count: 10, mean_score: 0.5, classes: { hum: 3, squeal: 7 } }],
      classes: agreement,
      decisions: null,
    })
    expect(lines).toEqual([
      'clusters           1 by gmm (pca2 of 2 dimensions, seed 3)',
      '     1       10 items  mean score 0.5        squeal 7, hum 3',
      'with classes       purity 0.9000, ARI 0.5000, NMI 0.6000 (one cluster for all: purity 0.7000)',
      'with decisions     not measured, since there are not two kinds',
    ])
  })

  it('prints shares with their intervals', () => {
    const mixture = { estimate: 0.2, low: 0.1, high: 0.3 }
    const rest = { effective_normal: 120, effective_unlabelled: 150, threshold: 0.5, share: 0.3 }
    const figures = { estimate: 0.21, low: 0.15, high: 0.29, fpr: 0.1, confidence: 0.95, normal: 120, unlabelled: 150 }
    expect(fractionLines([{ group: null, ...figures, ...rest, mixture }])).toEqual([
      'anomalous share    FPR 0.100 of 120 normal above 0.5, 95 % intervals',
      '  unlabelled       0.210 (0.150 to 0.290)  of 150; at the median 0.200 (0.100 to 0.300)',
    ])
  })
})
