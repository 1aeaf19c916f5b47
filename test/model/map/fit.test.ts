import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mapFitSchema } from '../../../src/model/map/config.ts'
import { EPOCHS, fitMap } from '../../../src/model/map/fit.ts'
import { seeded } from '../../../src/random.ts'
import { blobs, purityAmong, rowOf } from './blobs.ts'

const umap = { method: 'umap', neighbors: 15, min_dist: 0.1 } as const
const noise = (n: number, d: number, seed = 1) => {
  const random = seeded(seed)
  return Float32Array.from({ length: n * d }, random.normal)
}
const places = (map: { places: Float32Array }) =>
  Array.from({ length: map.places.length / 2 }, (_, i) => rowOf(map.places, 2, i))

describe('fitMap', () => {
  it('lays classes apart', () => {
    const { latents, labels, d } = blobs(6, 50, 8)
    const map = fitMap(latents, d, umap, 3)
    expect(map).toMatchObject({ method: 'umap', seed: 3, warnings: [] })
    expect(map.options).toEqual({ neighbors: 15, min_dist: 0.1, epochs: EPOCHS })
    expect(purityAmong(places(map), labels, map.places, labels)).toBeGreaterThan(0.99)
  })

  it('keeps the order of a line that is bent in many dimensions', () => {
    const random = seeded(2)
    const along = Array.from({ length: 300 }, (_, i) => i / 300)
    const latents = Float32Array.from(
      along.flatMap(t => [0, 1, 2, 3, 4, 5].map(k => Math.cos(3 * t + k * k) + 0.01 * random.normal())),
    )
    const map = fitMap(latents, 6, umap, 0)
    expect(
      purityAmong(
        places(map),
        along.map(t => Math.floor(6 * t)),
        map.places,
        along.map(t => Math.floor(6 * t)),
      ),
    ).toBeGreaterThan(0.9)
  })

  it('is the same with the same seed, bit for bit, and another with another', () => {
    const { latents, d } = blobs(3, 40, 6)
    const map = (seed: number) => Buffer.from(fitMap(latents, d, umap, seed).places.buffer).toString('hex')
    expect(map(1)).toBe(map(1))
    expect(map(1)).not.toBe(map(2))
  })

  it('tells of each pass', () => {
    const done: number[] = []
    fitMap(noise(40, 3), 3, umap, 1, (epoch, total) => {
      expect(total).toBe(EPOCHS)
      done.push(epoch)
    })
    expect(done).toEqual(Array.from({ length: EPOCHS }, (_, i) => i + 1))
  })

  it('has principal components beside any map', () => {
    const { latents, d } = blobs(3, 40, 6)
    const map = fitMap(latents, d, umap, 1)
    const flat = fitMap(latents, d, { ...umap, method: 'pca' }, 1)
    expect(map.pca).toEqual(flat.pca)
    expect(map.pca.components).toHaveLength(3)
    expect(flat).toMatchObject({ method: 'pca', options: null, warnings: [] })
    // The places of PCA have no mean, and their variance is that along the components.
    for (const axis of [0, 1]) {
      const values = places(flat).map(place => place[axis])
      const mean = values.reduce((a, b) => a + b) / 120
      expect(mean).toBeCloseTo(0, 4)
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 119
      expect(variance / flat.pca.explained_variance[axis]).toBeCloseTo(1, 4)
    }
  })

  it('changes with min_dist: less of it packs groups more tightly', () => {
    const { latents, d } = blobs(4, 40, 6)
    const nearest = (min_dist: number) => {
      const own = places(fitMap(latents, d, { ...umap, min_dist }, 1))
      const gaps = own.map(([x, y], i) =>
        Math.min(...own.map(([a, b], j) => (i === j ? 99 : Math.hypot(a - x, b - y)))),
      )
      return gaps.sort((a, b) => a - b)[80]
    }
    expect(nearest(0)).toBeLessThan(0.5 * nearest(1))
  })
})

describe('fitMap where there is little to map', () => {
  it.each([1, 2, 5, 19])('takes principal components of %i latents, and says so', n => {
    const map = fitMap(noise(n, 4), 4, umap, 1)
    expect(map).toMatchObject({ method: 'pca', options: null })
    expect(map.warnings).toEqual([expect.stringContaining(`${n} latents are too few`)])
    expect(map.places).toHaveLength(2 * n)
    expect(map.places.every(Number.isFinite)).toBe(true)
  })

  it('takes fewer neighbours where there are not so many latents, and says so', () => {
    const map = fitMap(noise(25, 4), 4, { ...umap, neighbors: 100 }, 1)
    expect(map.options?.neighbors).toBe(24)
    expect(map.warnings).toEqual([expect.stringContaining('map.neighbors is 24')])
    expect(map.places.every(Number.isFinite)).toBe(true)
  })

  it('takes principal components of latents that are all alike', () => {
    const map = fitMap(new Float32Array(200).fill(3), 2, umap, 1)
    expect(map.method).toBe('pca')
    expect(map.warnings).toEqual([expect.stringContaining('alike')])
    expect(Math.max(...map.places.map(Math.abs))).toBeLessThan(1e-9)
  })

  it('maps latents of one value, and many that are twice there', () => {
    const line = fitMap(noise(60, 1), 1, umap, 1)
    expect(line.method).toBe('umap')
    expect(line.pca.components).toHaveLength(1)
    const twice = Float32Array.from([...noise(30, 3), ...noise(30, 3)])
    const double = fitMap(twice, 3, umap, 1)
    const half = fitMap(Float32Array.from([...noise(30, 3), ...new Float32Array(90)]), 3, umap, 1)
    for (const map of [line, double, half]) expect(map.places.every(Number.isFinite)).toBe(true)
  })

  it('maps latents of 512 values within seconds', () => {
    const { latents, labels, d } = blobs(3, 100, 512)
    const startedAt = performance.now()
    const map = fitMap(latents, d, umap, 1)
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    expect(purityAmong(places(map), labels, map.places, labels)).toBeGreaterThan(0.99)
  })

  it('does not mind the unit of latents', () => {
    const { latents, d } = blobs(3, 40, 4)
    const map = fitMap(latents, d, umap, 1)
    for (const unit of [1e-20, 1e15]) {
      const other = fitMap(
        latents.map(value => value * unit),
        d,
        umap,
        1,
      )
      expect(other.method).toBe('umap')
      expect(other.places.every(Number.isFinite)).toBe(true)
    }
    expect(map.method).toBe('umap')
  })

  it('is finite for any finite latents and options', () => {
    const table = fc.integer({ min: 1, max: 4 }).chain(d =>
      fc.record({
        d: fc.constant(d),
        values: fc.array(fc.constantFrom(0, 1, -1, 2.5, 1e-12, 1e12), { minLength: d * 20, maxLength: d * 40 }),
        neighbors: fc.integer({ min: 2, max: 60 }),
        min_dist: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    )
    fc.assert(
      fc.property(table, ({ d, values, neighbors, min_dist }) => {
        const whole = Float32Array.from(values.slice(0, values.length - (values.length % d)))
        const map = fitMap(whole, d, { method: 'umap', neighbors, min_dist }, 1)
        expect(map.places).toHaveLength((2 * whole.length) / d)
        expect(map.places.every(Number.isFinite)).toBe(true)
      }),
      { numRuns: 25 },
    )
  })

  it('refuses latents with NaN', () => {
    const bad = noise(30, 2)
    bad[11] = Number.NaN
    expect(() => fitMap(bad, 2, umap, 1)).toThrow(
      expect.objectContaining({ code: 'AUSCULT_NON_FINITE', at: 'latent 5' }),
    )
  })
})

describe('mapFitSchema', () => {
  it('has defaults for everything, and bounds', () => {
    expect(mapFitSchema.parse({})).toEqual({ method: 'umap', neighbors: 15, min_dist: 0.1, points: 2000 })
    for (const bad of [{ neighbors: 1 }, { min_dist: -1 }, { points: 1e6 }, { method: 'tsne' }])
      expect(mapFitSchema.safeParse(bad).success).toBe(false)
  })
})
