import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DetectorConfig, detectorSchema } from '../../../src/model/detectors/config.ts'
import { detectorFileSchema } from '../../../src/model/detectors/detector-file.ts'
import { fitDetector } from '../../../src/model/detectors/fit.ts'
import { openDetector } from '../../../src/model/detectors/open.ts'
import { vectorSpec } from '../../../src/model/detectors/vectors.ts'
import { seeded } from '../../../src/random.ts'

const D = 3
const sizes = { latent: D, item: 8 }
const CONFIGS: Record<string, unknown>[] = [
  { type: 'knn', k: 2 },
  { type: 'knn', metric: 'cosine' },
  { type: 'mahalanobis' },
  { type: 'selective-mahalanobis', domains: ['a', 'b'] },
  { type: 'gmm' },
  { type: 'gmm', covariance: 'full', components: 1 },
  { type: 'kde' },
  { type: 'pca-kde', components: 2 },
  { type: 'pca-dbscan', components: 2 },
]
const random = seeded(3)
const N = 40
/** One value never varies. */
const train = Float32Array.from({ length: N * D }, (_, i) => (i % D === 2 ? 5 : random.normal() * (1 + (i % D))))
const fit = (raw: Record<string, unknown>, vectors = train) => {
  const config = detectorSchema.parse(raw) as DetectorConfig
  const domains = Array.from({ length: N }, (_, i) => i % 2)
  return fitDetector(
    { vectors, size: D, spec: vectorSpec(config, 1), groups: { names: ['a', 'b'], of: domains } },
    config,
    0,
  )
}

describe.each(CONFIGS.map(config => [JSON.stringify(config), config] as const))('%s', (_, config) => {
  const file = fit(config)
  const detector = openDetector(file, sizes)

  it('scores what is far higher than what is near, and nothing below 0', () => {
    const near = Float32Array.of(0.1, 0.1, 5)
    const far = config.metric === 'cosine' ? Float32Array.of(-9, -9, -5) : Float32Array.of(30, -30, 5)
    const [low] = detector.score(near, 1)
    const [high] = detector.score(far, 1)
    expect(high).toBeGreaterThan(3 * low)
    const value = fc.float({ noNaN: true, min: -1e4, max: 1e4 })
    fc.assert(
      fc.property(fc.array(value, { minLength: D, maxLength: D }), vector => {
        const [score] = detector.score(Float32Array.from(vector), 1)
        expect(score).toBeGreaterThanOrEqual(0)
        expect(Number.isFinite(score)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('scores each vector of a batch as alone, and the same when read from JSON', () => {
    const all = detector.score(train, N)
    for (const i of [0, 7, N - 1]) expect(detector.score(train.slice(i * D, (i + 1) * D), 1)[0]).toBe(all[i])
    const read = detectorFileSchema.parse(JSON.parse(JSON.stringify(file)))
    expect(openDetector(read, sizes).score(train, N)).toEqual(all)
  })

  it('says that a number is none', () => {
    const [score] = detector.score(Float32Array.of(Number.NaN, 0, 5), 1)
    expect(Number.isFinite(score)).toBe(false)
  })

  it('refuses a file of another model, or with numbers missing', () => {
    expect(() => openDetector(file, { latent: D + 1, item: 8 })).toThrow(/takes 3 values .* gives 4/)
    const offset = file.preprocessing.offset.slice(0, 8)
    const cut = { ...file, preprocessing: { ...file.preprocessing, offset } }
    expect(() => openDetector(cut, sizes)).toThrow(expect.objectContaining({ code: 'AUSCULT_BUNDLE' }))
  })
})

describe('fitDetector', () => {
  it('gives the same for the same seed', () => {
    expect(fit({ type: 'gmm', components: 3 })).toEqual(fit({ type: 'gmm', components: 3 }))
  })

  it('says what to do where covariances cannot be inverted', () => {
    const config = { type: 'mahalanobis', shrinkage: 0 }
    expect(() => fit(config)).toThrow(expect.objectContaining({ at: 'score.shrinkage' }))
  })

  it('says from where on eps finds core points', () => {
    let remedy = ''
    try {
      fit({ type: 'pca-dbscan', eps: 1e-4 })
    } catch (error) {
      remedy = (error as { remedy: string }).remedy
    }
    const least = Number(/above ([\d.]+)/.exec(remedy)?.[1])
    expect(least).toBeGreaterThan(1e-4)
    expect(() => fit({ type: 'pca-dbscan', eps: 1.01 * least })).not.toThrow()
  })

  it('brings all but features to deviation 1, unless told otherwise', () => {
    const scaleOf = (options: Record<string, unknown>) => fit({ type: 'knn', ...options }).preprocessing.scale
    const ones = scaleOf({ on: 'features' })
    expect(scaleOf({ on: 'features', standardize: true })).not.toBe(ones)
    expect(scaleOf({ on: 'latent' })).toBe(scaleOf({ on: 'features', standardize: true }))
    expect(scaleOf({ on: 'residual', standardize: false })).toBe(ones)
  })

  it('takes no more components than there are', () => {
    const { preprocessing } = fit({ type: 'pca-kde', components: 50 })
    expect(preprocessing.components?.count).toBe(2)
  })
})
