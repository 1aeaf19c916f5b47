import { describe, expect, it } from 'vitest'
import { seeded } from '../../src/random.ts'
import { estimateFraction } from '../../src/train/fraction.ts'

/** Normal scores N(0, 1), anomalous ones N(distance, 1), a share of them f. */
function mix(f: number, distance: number, seed: number, size = 300) {
  const random = seeded(seed, 9)
  const anomalous = Math.round(f * size)
  const normal = Array.from({ length: 200 }, () => random.normal())
  const unlabelled = Array.from({ length: size }, (_, i) => random.normal() + (i < anomalous ? distance : 0))
  return { normal, unlabelled, replicates: 500 }
}

/** How often the interval covers the truth in 60 mixes. */
function coverage(f: number, distance: number, of: (mix: ReturnType<typeof estimateFraction>) => [number, number]) {
  const covered = Array.from({ length: 60 }, (_, seed) => {
    const [low, high] = of(estimateFraction(mix(f, distance, seed)))
    return low <= f && f <= high
  })
  return covered.filter(Boolean).length / covered.length
}

describe('estimateFraction', () => {
  it.each([0, 0.05, 0.2, 0.45, 0.55, 0.9])('covers a fraction of %d that separates', f => {
    expect(coverage(f, 5, ({ low, high }) => [low, high])).toBeGreaterThanOrEqual(0.9)
  })

  it.each([0, 0.2, 0.55])('covers a fraction of %d that overlaps, as a mixture', f => {
    expect(coverage(f, 2.5, ({ mixture }) => [mixture.low, mixture.high])).toBeGreaterThanOrEqual(0.88)
  })

  it('is a lower bound where anomalous items score like normal ones', () => {
    expect(coverage(0.45, 1, ({ low }) => [low, 1])).toBe(1)
  })

  it('holds the false positive rate, and corrects for it', () => {
    const scores = Array.from({ length: 1000 }, (_, i) => i)
    const { fpr, share, estimate, threshold } = estimateFraction({ normal: scores, unlabelled: scores })
    expect([fpr, share, estimate]).toEqual([0.1, 0.1, 0])
    expect(threshold).toBeCloseTo(899.1, 9)
    const shifted = scores.map((x, i) => (i % 4 === 0 ? x + 5000 : x))
    const quarter = estimateFraction({ normal: scores, unlabelled: shifted })
    expect(quarter.estimate).toBeCloseTo((0.325 - 0.1) / 0.9, 3)
    expect(estimateFraction({ normal: scores, unlabelled: shifted, threshold: 950 }).fpr).toBeCloseTo(0.049, 12)
    expect(estimateFraction({ normal: scores, unlabelled: shifted, threshold: 10 }).fpr).toBe(0.1)
    expect(estimateFraction({ normal: scores, unlabelled: shifted, maxFpr: 0.02 }).fpr).toBe(0.02)
  })

  it('rises with the fraction, and its interval is open', () => {
    for (let seed = 0; seed < 10; seed++) {
      const estimates = [0, 0.2, 0.45, 0.55, 1].map(f => estimateFraction(mix(f, 4, seed)))
      for (const [i, { low, estimate, high, mixture }] of estimates.entries()) {
        expect(high).toBeGreaterThan(low)
        expect(mixture.high).toBeGreaterThan(mixture.low)
        expect(estimate >= low && estimate <= high).toBe(true)
        if (i > 0) expect(estimate).toBeGreaterThan(estimates[i - 1].estimate)
      }
    }
  })

  it('gives the same for the same seed, whatever the order', () => {
    const { normal, unlabelled } = mix(0.3, 3, 1)
    const first = estimateFraction({ normal, unlabelled })
    expect(estimateFraction({ normal: [...normal].reverse(), unlabelled: [...unlabelled].reverse() })).toEqual(first)
    expect(estimateFraction({ normal, unlabelled, seed: 1 }).low).not.toBe(first.low)
  })

  it('is wider for more confidence and for fewer items', () => {
    const width = (options: object, size?: number) => {
      const { low, high } = estimateFraction({ ...mix(0.4, 4, 2, size), ...options })
      return high - low
    }
    expect(width({ confidence: 0.99 })).toBeGreaterThan(width({ confidence: 0.9 }))
    expect(width({}, 40)).toBeGreaterThan(width({}, 2000))
  })

  it('counts recordings rather than their windows, where those are alike', () => {
    /** Recordings of 20 windows, each with a level of its own; a share f of the unlabelled recordings is anomalous. */
    const mixOf = (seed: number, f = 0.4, recordings = 40) => {
      const random = seeded(seed, 31)
      const set = (share: number) => {
        const items = Array.from({ length: recordings }, (_, r) => {
          const level = 2 * random.normal() + (r < share * recordings ? 20 : 0)
          return Array.from({ length: 20 }, () => ({ score: level + random.normal(), file: `${r}` }))
        }).flat()
        return { scores: items.map(({ score }) => score), files: items.map(({ file }) => file) }
      }
      const [normal, unlabelled] = [set(0), set(f)]
      const files = { normal: normal.files, unlabelled: unlabelled.files }
      return { normal: normal.scores, unlabelled: unlabelled.scores, files }
    }
    // The truth varies with what was drawn: 0.4 is the share that recordings are drawn with.
    const drawn = Array.from({ length: 60 }, (_, seed) => {
      const anomalous = seeded(seed, 77)
      const f = Array.from({ length: 40 }, () => anomalous.uniform() < 0.4).filter(Boolean).length / 40
      const { files: recordings, ...sets } = mixOf(seed, f)
      const [aware, blind] = [{ recordings }, {}].map(more => estimateFraction({ ...sets, ...more, replicates: 500 }))
      expect(aware.effective_unlabelled).toBeLessThan(100)
      expect(blind.effective_unlabelled).toBe(800)
      return { aware, blind }
    })
    const covered = (which: 'aware' | 'blind') =>
      drawn.filter(each => each[which].low <= 0.4 && 0.4 <= each[which].high).length / drawn.length
    expect(covered('aware')).toBeGreaterThanOrEqual(0.88)
    expect(covered('blind')).toBeLessThan(0.7)
  })

  it('takes all windows of one recording, and one window of each, as independent', () => {
    const sets = mix(0.3, 3, 4)
    const plain = estimateFraction(sets)
    for (const name of [() => 'a', (_: number, i: number) => String(i)]) {
      const recordings = { normal: sets.normal.map(name), unlabelled: sets.unlabelled.map(name) }
      const { effective_normal, low, high } = estimateFraction({ ...sets, recordings })
      expect(effective_normal).toBeCloseTo(plain.effective_normal, -1)
      expect(low).toBeCloseTo(plain.low, 2)
      expect(high).toBeCloseTo(plain.high, 2)
    }
  })

  it.each<[string, object, string]>([
    ['too few normal items', { normal: [1, 2, 3] }, 'AUSCULT_LABELS'],
    ['nothing to judge', { unlabelled: [] }, 'AUSCULT_LABELS'],
    ['NaN', { unlabelled: [Number.NaN] }, 'AUSCULT_NON_FINITE'],
    ['an impossible rate', { maxFpr: 1 }, 'AUSCULT_USAGE'],
    ['an impossible confidence', { confidence: 95 }, 'AUSCULT_USAGE'],
  ])('refuses %s', (_, changes, code) => {
    expect(() => estimateFraction({ ...mix(0.1, 3, 0), ...changes })).toThrow(expect.objectContaining({ code }))
  })
})
