import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { averagePrecision, type Confusion, confusion, partialRocAuc, rocAuc } from '../../src/train/metrics.ts'

interface Ranking {
  anomalous: boolean[]
  scores: number[]
  threshold: number
  roc_auc: number
  partial_roc_auc: Record<string, number>
  average_precision: number
  confusion: Confusion
}

const golden = JSON.parse(readFileSync(new URL('../fixtures/metrics/golden.json', import.meta.url), 'utf8'))
const rankings = golden.rankings.map((r: Ranking, i: number) => [i, r]) as [number, Ranking][]

/** A ranking with both classes, scores from a small set so that ties are common. */
const ranking = fc
  .array(fc.record({ anomalous: fc.boolean(), score: fc.integer({ min: 0, max: 20 }) }), {
    minLength: 2,
    maxLength: 60,
  })
  .map(items => [
    { anomalous: true, score: 7 },
    { anomalous: false, score: 7 },
    ...items.map(item => ({ ...item, score: item.score / 4 })),
  ])
  .map(items => ({ anomalous: items.map(i => i.anomalous), scores: items.map(i => i.score) }))

describe('metrics', () => {
  it.each(rankings)('ranking %i agrees with scikit-learn', (_, g) => {
    expect(rocAuc(g.anomalous, g.scores)).toBeCloseTo(g.roc_auc, 12)
    expect(averagePrecision(g.anomalous, g.scores)).toBeCloseTo(g.average_precision, 12)
    for (const [maxFpr, value] of Object.entries(g.partial_roc_auc)) {
      expect(partialRocAuc(g.anomalous, g.scores, Number(maxFpr))).toBeCloseTo(value, 12)
    }
    expect(confusion(g.anomalous, g.scores, g.threshold)).toEqual(g.confusion)
  })

  it('ROC-AUC is the probability that an anomaly outranks a normal, ties counted half', () => {
    fc.assert(
      fc.property(ranking, ({ anomalous, scores }) => {
        const of = (truth: boolean) => scores.filter((_, i) => anomalous[i] === truth)
        const pairs = of(true).flatMap(a => of(false).map((n): number => (a > n ? 1 : a === n ? 0.5 : 0)))
        const expected = pairs.reduce((sum, x) => sum + x, 0) / pairs.length
        expect(rocAuc(anomalous, scores)).toBeCloseTo(expected, 10)
      }),
    )
  })

  it('depends on the order of the scores only, and turns round with their sign', () => {
    fc.assert(
      fc.property(ranking, ({ anomalous, scores }) => {
        const stretched = scores.map(s => Math.exp(s) * 3 - 100)
        for (const metric of [rocAuc, partialRocAuc, averagePrecision]) {
          expect(metric(anomalous, stretched)).toBeCloseTo(metric(anomalous, scores), 10)
        }
        const mirrored = scores.map(s => -s)
        expect(rocAuc(anomalous, mirrored)).toBeCloseTo(1 - rocAuc(anomalous, scores), 10)
      }),
    )
  })

  it('refuses a ranking of one class', () => {
    expect(() => rocAuc([true, true], [1, 2])).toThrow(expect.objectContaining({ code: 'AUSCULT_LABELS' }))
    expect(() => averagePrecision([false], [1])).toThrow(expect.objectContaining({ code: 'AUSCULT_LABELS' }))
  })
})
