import { UMAP } from 'umap-js'
import { describe, expect, it } from 'vitest'
import { fitMap } from '../../../src/model/map/fit.ts'
import { createPlacer } from '../../../src/model/map/place.ts'
import { principalComponents } from '../../../src/model/map/principal.ts'
import { seeded } from '../../../src/random.ts'
import { blobs, purityAmong, rowOf } from './blobs.ts'
import * as golden from './golden.ts'

const options = { neighbors: 15, min_dist: 0.1, epochs: 100 }
const latentsOf = (rows: readonly (readonly number[])[]) => Float32Array.from(rows.flat())

/** The definition, point by point: memberships exp(−d / σ) that add up to log₂ k without the nearest, found by bisection of log σ. */
function byDefinition(latents: Float32Array, d: number, places: Float32Array, query: Float32Array, k: number) {
  const found = Array.from({ length: latents.length / d }, (_, i) => {
    const far = Math.hypot(...Array.from(query, (value, j) => value - latents[i * d + j]))
    return { i, far }
  })
  const near = found.sort((a, b) => a.far - b.far).slice(0, k)
  const sum = (sigma: number) => near.slice(1).reduce((total, { far }) => total + Math.exp(-far / sigma), 0)
  let [low, high] = [-20, 20]
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2
    if (sum(Math.exp(middle)) < Math.log2(k)) low = middle
    else high = middle
  }
  const sigma = Math.exp(low)
  const weights = near.map(({ far }) => Math.exp(-far / sigma))
  const total = weights.reduce((a, b) => a + b)
  return [0, 1].map(axis => near.reduce((s, { i }, j) => s + (weights[j] / total) * places[2 * i + axis], 0))
}

describe('createPlacer', () => {
  it('places as umap-learn begins a transform', () => {
    const latents = Float32Array.from(golden.latents)
    const places = Float32Array.from(golden.places)
    const pca = principalComponents(latents, 3)
    const place = createPlacer(
      { method: 'umap', options: { ...options, neighbors: golden.neighbors }, places, pca },
      latents,
      3,
      0,
    )
    const queries = Float32Array.from(golden.queries)
    const found = Array.from({ length: queries.length / 3 }, (_, i) => [...place(rowOf(queries, 3, i))]).flat()
    expect(found).toHaveLength(14)
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(golden.expected[i], 3)
    })
  })

  it('places as umap-js begins a transform, and as the definition says', () => {
    const { latents, d } = blobs(3, 20, 4)
    const rows = Array.from({ length: 60 }, (_, i) => [...rowOf(latents, d, i)])
    const map = new UMAP({ nNeighbors: 15, nEpochs: 20, random: seeded(2).uniform })
    const places = Float32Array.from(map.fit(rows).flat())
    // None of the first class: umap-js forgets the training latent with the index of the query.
    const queries = [3, 4, 5, 6, 7, 8].map(i => [...rowOf(blobs(3, 3, 4, 99).latents, d, i)])
    // Its passes over the places are left out.
    const inner = map as unknown as { optimizationState: { headEmbedding: number[][] }; optimizeLayout(): number[][] }
    inner.optimizeLayout = () => inner.optimizationState.headEmbedding
    const expected = map.transform(queries)
    const place = createPlacer({ method: 'umap', options, places, pca: principalComponents(latents, d) }, latents, d, 0)
    for (const [i, query] of queries.entries()) {
      const found = place(Float32Array.from(query))
      const defined = byDefinition(latents, d, places, Float32Array.from(query), 15)
      for (const axis of [0, 1]) {
        expect(found[axis]).toBeCloseTo(expected[i][axis], 3)
        expect(found[axis]).toBeCloseTo(defined[axis], 3)
      }
    }
  })

  it('gives training latents their own places', () => {
    const { latents, d } = blobs(3, 40, 5)
    const map = fitMap(latents, d, { method: 'umap', neighbors: 15, min_dist: 0.1 }, 1)
    const place = createPlacer(map, latents, d)
    for (let i = 0; i < 120; i++) expect([...place(rowOf(latents, d, i))]).toEqual([...rowOf(map.places, 2, i)])
  })

  it('moves little for latents that hardly differ from training latents', () => {
    const { latents, d } = blobs(3, 40, 5)
    const map = fitMap(latents, d, { method: 'umap', neighbors: 15, min_dist: 0.1 }, 1)
    const place = createPlacer(map, latents, d)
    const random = seeded(4)
    const width = Math.max(...map.places) - Math.min(...map.places)
    const distances = Array.from({ length: 120 }, (_, i) => {
      const near = rowOf(latents, d, i).map(value => value + 0.01 * random.normal())
      const [x, y] = place(near)
      return Math.hypot(x - map.places[2 * i], y - map.places[2 * i + 1])
    }).sort((a, b) => a - b)
    expect(distances[60] / width).toBeLessThan(0.05)
    expect(distances[113] / width).toBeLessThan(0.1)
  })

  it('puts new latents among those of their class', () => {
    const known = blobs(5, 60, 8)
    const held = blobs(5, 30, 8, 77)
    const map = fitMap(known.latents, 8, { method: 'umap', neighbors: 15, min_dist: 0.1 }, 1)
    const place = createPlacer(map, known.latents, 8)
    const places = held.labels.map((_, i) => place(rowOf(held.latents, 8, i)))
    expect(purityAmong(places, held.labels, map.places, known.labels)).toBeGreaterThan(0.97)
  })

  it('puts a latent that lies between two groups in the one that it is nearer to, and not between', () => {
    const random = seeded(8)
    const groups = Float32Array.from({ length: 80 }, (_, i) => (i < 40 ? 0 : 4) + random.normal())
    const map = fitMap(groups, 2, { method: 'umap', neighbors: 15, min_dist: 0.1 }, 1)
    const gap = (place: Float32Array) => {
      const own = Array.from({ length: 40 }, (_, i) => rowOf(map.places, 2, i))
      return Math.min(...own.map(([x, y]) => Math.hypot(x - place[0], y - place[1])))
    }
    const between = Array.from({ length: 30 }, (_, i) => Float32Array.of(1.5 + i / 30, 1.5 + i / 30))
    const mean = createPlacer(map, groups, 2, 0)
    const median = createPlacer(map, groups, 2)
    const inNothing = (place: typeof mean) => between.filter(latent => gap(place(latent)) > 0.5).length
    expect(inNothing(median)).toBeLessThan(inNothing(mean) / 2)
  })

  it('projects where principal components are the map', () => {
    const { latents, d } = blobs(3, 40, 5)
    const map = fitMap(latents, d, { method: 'pca', neighbors: 15, min_dist: 0.1 }, 1)
    const place = createPlacer(map, latents, d)
    for (const i of [0, 50, 119]) expect([...place(rowOf(latents, d, i))]).toEqual([...rowOf(map.places, 2, i)])
  })

  it.each(['umap', 'pca'] as const)('refuses latents that are none: %s', method => {
    const { latents, d } = blobs(3, 40, 5)
    const place = createPlacer(fitMap(latents, d, { method, neighbors: 15, min_dist: 0.1 }, 1), latents, d)
    expect(() => place(new Float32Array(4))).toThrow(expect.objectContaining({ code: 'AUSCULT_INPUT_SHAPE' }))
    expect(() => place(Float32Array.of(1, 2, Number.NaN, 4, 5))).toThrow(
      expect.objectContaining({ code: 'AUSCULT_NON_FINITE' }),
    )
  })

  it('places anything finite within the map, also what lies far off', () => {
    const { latents, d } = blobs(2, 20, 2)
    const map = fitMap(latents, d, { method: 'umap', neighbors: 15, min_dist: 0.1 }, 1)
    const place = createPlacer(map, latents, d)
    const [low, high] = [Math.min(...map.places), Math.max(...map.places)]
    for (const query of [
      [1e30, -1e30],
      [1e-30, 0],
      [1e6, 1e6],
    ]) {
      for (const value of place(latentsOf([query]))) {
        expect(value).toBeGreaterThanOrEqual(low)
        expect(value).toBeLessThanOrEqual(high)
      }
    }
  })
})
