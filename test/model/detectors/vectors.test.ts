import { describe, expect, it } from 'vitest'
import { summarizeFeatures, vectorSize, vectorSpec } from '../../../src/model/detectors/vectors.ts'

const sizes = { latent: 3, item: 4 }
const options = { on: 'features', summary: null } as const

describe('vectorSpec', () => {
  it('takes mean and deviation of bands where the front end has some, otherwise values', () => {
    expect(vectorSpec(options, 2)).toEqual({ on: 'features', summary: 'mean-deviation', bands: 2 })
    expect(vectorSpec(options, 1).summary).toBe('values')
    expect(vectorSpec({ ...options, summary: 'mean' }, 1).summary).toBe('mean')
  })
})

describe('vectorSize', () => {
  it('follows what is looked at', () => {
    const sizeOf = (on: 'latent' | 'features' | 'residual', summary: 'mean' | 'mean-deviation' | 'values') =>
      vectorSize({ on, summary, bands: 2 }, sizes)
    expect(sizeOf('latent', 'values')).toBe(3)
    expect(sizeOf('residual', 'mean')).toBe(4)
    expect(sizeOf('features', 'values')).toBe(4)
    expect(sizeOf('features', 'mean')).toBe(2)
    expect(sizeOf('features', 'mean-deviation')).toBe(4)
  })
})

describe('summarizeFeatures', () => {
  // Two windows of two items, each two stacked frames of two bands.
  const features = Float32Array.from([1, 10, 2, 20, 3, 30, 4, 40, 5, 5, 5, 5, 5, 5, 5, 7])

  it('gives mean and standard deviation of each band over a window', () => {
    const spec = vectorSpec(options, 2)
    const summed = summarizeFeatures(features, 2, 4, spec)
    const deviation = Math.sqrt(1.25)
    const expected = [2.5, 25, deviation, 10 * deviation, 5, 5.5, 0, Math.sqrt(0.75)]
    expect(summed).toEqual(Float32Array.from(expected))
    expect(summarizeFeatures(features, 2, 4, { ...spec, summary: 'mean' })).toEqual(Float32Array.of(2.5, 25, 5, 5.5))
  })

  it('gives the median of each band over a window, which a passer-by hardly moves', () => {
    const spec = { ...vectorSpec(options, 2), summary: 'median' as const }
    expect(vectorSize(spec, sizes)).toBe(2)
    expect(summarizeFeatures(features, 2, 4, spec)).toEqual(Float32Array.of(2.5, 25, 5, 5))
    const three = Float32Array.from([1, 2, 900, 4, 3, 3])
    expect(summarizeFeatures(three, 1, 6, spec)).toEqual(Float32Array.of(3, 3))
  })

  it('gives every value of an item, averaged over items', () => {
    const spec = vectorSpec({ on: 'features', summary: 'values' }, 2)
    expect(summarizeFeatures(features, 2, 4, spec)).toEqual(Float32Array.of(2, 20, 3, 30, 5, 5, 5, 6))
  })
})
