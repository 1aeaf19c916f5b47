import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { scoreHistograms } from '../../../src/train/evaluation/histogram.ts'
import { estimateFraction } from '../../../src/train/fraction.ts'

interface Golden {
  histograms: {
    name: string
    scores: Record<string, number[]>
    scale: string
    edges: number[]
    counts: Record<string, number[]>
  }[]
  fractions: ({ name: string; max_fpr: number } & Record<'normal' | 'unlabelled', Items> & Record<Figure, number>)[]
}
interface Items {
  scores: number[]
  recordings: number[]
}
type Figure = (typeof FIGURES)[number] | 'low' | 'high'

const FIGURES = ['threshold', 'fpr', 'share', 'effective_unlabelled', 'effective_normal', 'estimate'] as const

/** By make.py beside it, with numpy. */
const golden: Golden = JSON.parse(
  readFileSync(new URL('../../fixtures/evaluation/golden.json', import.meta.url), 'utf8'),
)

describe('agrees with numpy', () => {
  it.each(golden.histograms)('in a histogram, $name', ({ scores, scale, edges, counts }) => {
    const words = Object.entries(scores).flatMap(([group, own]) => own.map(() => group))
    const found = scoreHistograms(Object.values(scores).flat(), words, edges.length - 1)
    expect([found.scale, found.counts]).toEqual([scale, counts])
    found.edges.forEach((edge, i) => {
      expect(edge / edges[i]).toBeCloseTo(1, 9)
    })
  })

  it.each(golden.fractions)('in an anomalous share, $name', ({ normal, unlabelled, max_fpr, ...expected }) => {
    const words = ({ recordings }: Items) => recordings.map(String)
    const found = estimateFraction({
      normal: normal.scores,
      unlabelled: unlabelled.scores,
      recordings: { normal: words(normal), unlabelled: words(unlabelled) },
      maxFpr: max_fpr,
      replicates: 20_000,
    })
    for (const figure of FIGURES) expect(found[figure], figure).toBeCloseTo(expected[figure], 9)
    expect(found.low).toBeCloseTo(expected.low, 2)
    expect(found.high).toBeCloseTo(expected.high, 2)
  })
})
