import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../../src/config.ts'
import { clustersSchema, type GmmConfig } from '../../../src/model/clusters/config.ts'
import { fitGmm } from '../../../src/model/clusters/gmm-fit.ts'
import { latentsOf } from '../../../src/model/clusters/latents.ts'
import { seeded } from '../../../src/random.ts'

/** Two Gaussians, 20 apart along the first dimension: long ones along the second and the third, or both round. */
function two(rows: number, d: number, isLong: boolean) {
  const random = seeded(2)
  const table = Float32Array.from({ length: rows * d }, (_, at) => {
    const [second, j] = [Math.floor(at / d) % 2, at % d]
    const scale = isLong && j === 1 + second ? 4 : 1
    return scale * random.normal() + (j === 0 ? 20 * second : 0)
  })
  return latentsOf(table, d)
}

const config = checkConfig({ method: 'gmm', covariance: 'full', k: 2 }, clustersSchema, 'test') as GmmConfig

describe('fitGmm', () => {
  it('hardly draws covariances to their mean where they differ and latents are many', () => {
    const start = fitGmm(two(400, 4, true), config, seeded(1))
    expect(start.strength).toBeLessThanOrEqual(2)
    const [, , second, , , third] = start.mixture.covariances
    expect(Math.abs(Math.log(second / third))).toBeGreaterThan(2)
  })

  it('does so where they are alike and latents are few', () => {
    expect(fitGmm(two(60, 12, false), config, seeded(1)).strength).toBe(8 * 12)
  })

  it('takes the strongest where a part of the latents cannot be left out', () => {
    expect(fitGmm(two(5, 3, false), config, seeded(1)).strength).toBe(24)
  })

  it('is the same from the same seed', () => {
    const fitted = () => fitGmm(two(200, 4, true), config, seeded(3))
    expect(fitted()).toEqual(fitted())
  })
})
