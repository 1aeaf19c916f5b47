import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { positionOf, scoreHistograms } from '../../../src/train/evaluation/histogram.ts'

describe('scoreHistograms', () => {
  it('counts each item once, over common bins', () => {
    const { edges, counts, scale } = scoreHistograms([0, 1, 2, 3, 4], ['a', 'b', 'a', 'b', null], 3)
    expect([scale, edges]).toEqual(['linear', [0, 1, 2, 3]])
    expect(counts).toEqual({ a: [1, 0, 1], b: [0, 1, 1] })
  })

  it('widens the bins where scores span much', () => {
    const histogram = scoreHistograms([1, 5, 50, 1000], ['a', 'a', 'a', 'a'], 3)
    expect(histogram.scale).toBe('log')
    expect(histogram.edges.map(edge => Math.round(edge))).toEqual([1, 10, 100, 1000])
    expect(histogram.counts).toEqual({ a: [2, 1, 1] })
    expect(positionOf(histogram, 10)).toBeCloseTo(1 / 3, 9)
    expect(positionOf(histogram, 0)).toBeLessThan(0)
  })

  it('takes equal scores, none, and any word', () => {
    expect(scoreHistograms([2, 2], [1, 1], 2).counts).toEqual({ 1: [2, 0] })
    expect(scoreHistograms([], [], 2)).toEqual({ scale: 'linear', edges: [], counts: {} })
    const { counts } = scoreHistograms([1, 2], ['__proto__', 'constructor'], 1)
    expect(Object.entries(counts)).toEqual([
      ['__proto__', [1]],
      ['constructor', [1]],
    ])
  })

  it('loses nothing, and its edges hold what is counted between them', () => {
    const score = fc.double({ min: 1e-6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 60 }), scores => {
        const histogram = scoreHistograms(
          scores,
          scores.map((_, i) => i % 2),
          7,
        )
        const { edges, counts } = histogram
        expect(edges).toHaveLength(8)
        expect(edges.every((edge, i) => i === 0 || edge > edges[i - 1])).toBe(true)
        const total = Object.values(counts)
          .flat()
          .reduce((a, b) => a + b, 0)
        expect(total).toBe(scores.length)
        for (const score of scores) {
          expect(positionOf(histogram, score)).toBeGreaterThanOrEqual(-1e-9)
          expect(positionOf(histogram, score)).toBeLessThanOrEqual(1 + 1e-9)
        }
      }),
    )
  })
})
