import { describe, expect, it } from 'vitest'
import { pairDistances, silhouette } from '../../../src/model/clusters/silhouette.ts'
import { golden, tableOf } from './golden.ts'

describe('silhouette', () => {
  it.each(golden.silhouettes.map((each, i) => [i, each] as const))('case %i agrees with scikit-learn', (_, each) => {
    const labels = Int32Array.from(each.labels)
    const score = silhouette(pairDistances(tableOf(each.latents)), labels, Math.max(...labels) + 1)
    expect(score).toBeCloseTo(each.score, 5)
  })

  it('is 0 where every cluster has one row, or all rows are equal', () => {
    expect(silhouette(pairDistances(tableOf([[1], [5]])), Int32Array.of(0, 1), 2)).toBe(0)
    expect(silhouette(pairDistances(tableOf([[1], [1], [1]])), Int32Array.of(0, 1, 1), 2)).toBe(0)
  })
})
