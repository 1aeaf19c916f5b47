import { describe, expect, it } from 'vitest'
import { diagonal } from '../../../src/model/clusters/covariance/diagonal.ts'
import { full } from '../../../src/model/clusters/covariance/full.ts'
import { bic, type Mixture, maximize } from '../../../src/model/clusters/em.ts'
import { difference, type Golden, golden, tableOf } from './golden.ts'

type Case = Golden['mixtures'][number]
const cases = golden.mixtures.map((each, i) => [i, each.covariance, each] as const)

function startOf({ covariance, start, latents }: Case): Mixture {
  const k = start.weights.length
  const d = latents[0].length
  const kind = covariance === 'full' ? full : diagonal
  const covariances = new Float64Array(k * kind.size(d))
  for (let c = 0; c < k; c++) kind.regularize(covariances, c * kind.size(d), d, start.variance)
  return { k, weights: Float64Array.from(start.weights), means: Float64Array.from(start.means.flat()), covariances }
}

/** What is stored of a golden covariance: the lower triangle, or the variances. */
const stored = (covariances: number[][][] | number[][]): number[] =>
  covariances.flatMap(each => each.flatMap((row, i) => (Array.isArray(row) ? row.slice(0, i + 1) : [row])))

describe('expectation–maximisation from the same start as scikit-learn', () => {
  it.each(cases)('case %i (%s) has the same parameters, bound and BIC after each iteration', (_, covariance, each) => {
    const latents = tableOf(each.latents)
    const kind = covariance === 'full' ? full : diagonal
    each.iterations.forEach((expected, i) => {
      const options = { regularization: each.regularization, tolerance: 0, iterations: i + 1 }
      const { mixture, lowerBounds } = maximize(latents, startOf(each), kind, options)
      expect(lowerBounds).toHaveLength(i + 1)
      expect(difference([lowerBounds[i]], [expected.lower_bound])).toBeLessThan(1e-6)
      expect(difference(mixture.weights, expected.weights)).toBeLessThan(1e-6)
      expect(difference(mixture.means, expected.means.flat())).toBeLessThan(1e-6)
      expect(difference(mixture.covariances, stored(expected.covariances))).toBeLessThan(1e-6)
      expect(difference([bic(latents, mixture, kind)], [expected.bic])).toBeLessThan(1e-6)
    })
  })

  it('never lowers the bound, and stops when it stands still', () => {
    const [each] = golden.mixtures
    const options = { regularization: each.regularization, tolerance: 1e-9, iterations: 500 }
    const { lowerBounds, converged } = maximize(tableOf(each.latents), startOf(each), full, options)
    expect(converged).toBe(true)
    expect(lowerBounds.length).toBeLessThan(500)
    lowerBounds.slice(1).forEach((bound, i) => {
      expect(bound).toBeGreaterThan(lowerBounds[i] - 1e-6)
    })
  })

  it('refuses a covariance that is not positive definite', () => {
    const latents = tableOf([
      [1, 1],
      [1, 1],
    ])
    const start = { k: 1, weights: Float64Array.of(1), means: new Float64Array(2), covariances: new Float64Array(3) }
    expect(() => maximize(latents, start, full, { regularization: 0, tolerance: 0, iterations: 1 })).toThrow(
      expect.objectContaining({ code: 'AUSCULT_TRAINING' }),
    )
  })
})
