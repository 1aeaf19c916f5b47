import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../../src/config.ts'
import type { Clusterer } from '../../../src/model/clusters/clusterer.ts'
import { type ClustersConfig, clustersSchema } from '../../../src/model/clusters/config.ts'
import { fitClusterer, restoreClusterer } from '../../../src/model/clusters/create.ts'
import { seeded } from '../../../src/random.ts'

type Raw = { method: string } & Record<string, unknown>
const configOf = (raw: Raw): ClustersConfig => checkConfig(raw, clustersSchema, 'test')

/** One of each, and variants that fade, merge and run out of room soon. */
const RAWS: Raw[] = [
  { method: 'kmeans' },
  { method: 'kmeans', k: 2, half_life: 10, max_clusters: 4, merge: 0.9, birth_spread: 0.1 },
  { method: 'gmm', max_k: 3 },
  { method: 'gmm', k: 2, half_life: 10, max_clusters: 4, merge: 0.9, birth_spread: 0.1 },
  { method: 'gmm', covariance: 'full', k: 2 },
  { method: 'gmm', covariance: 'full', k: 2, max_clusters: 12, merge: 0.9, birth_spread: 0.1 },
  { method: 'denstream' },
  {
    method: 'denstream',
    epsilon: 0.7,
    mu: 3,
    beta: 0.5,
    lambda: 0.05,
    link: 2,
    max_clusters: 4,
    max_micro_clusters: 7,
  },
]
const methods = RAWS.map(raw => [JSON.stringify(raw), raw] as const)

const D = 3
const normals = (n: number, d: number, seed: number, centres = [0, 8]) => {
  const random = seeded(seed)
  return Float32Array.from({ length: n * d }, (_, i) => centres[Math.floor(i / d) % centres.length] + random.normal())
}
const fit = (raw: Raw, d = D, n = 80) => fitClusterer(normals(n, d, 1), d, configOf(raw), 7)

/** The same with the usual bounds and scales. */
const plain = ({ method, covariance, k }: Raw): Raw => ({
  method,
  ...(covariance ? { covariance } : {}),
  ...(k ? { k } : {}),
})

/** Latents near a few places, so that clusters are born, grow, meet and fade; whole numbers make exact duplicates. */
const stream = fc.array(
  fc
    .tuple(
      fc.constantFrom(0, 8, 30, 33, -50),
      fc.array(fc.integer({ min: -3, max: 3 }), { minLength: D, maxLength: D }),
    )
    .map(([at, around]) => Float32Array.from(around, value => at + value / 2)),
  { minLength: 1, maxLength: 120 },
)
/** Everything as text: equal for equal bits. */
const state = (clusterer: Clusterer) => JSON.stringify(clusterer.snapshot())
const runs = { numRuns: 25 }

describe.each(methods)('%s', (_, raw) => {
  it('gives no id that is reserved, also when it goes on from a snapshot', () => {
    const clusterer = fit(raw)
    clusterer.reserve(40)
    clusterer.reserve(7)
    const restored = restoreClusterer(clusterer.snapshot())
    for (const each of [clusterer, restored]) {
      const before = each.clusters().map(({ id }) => id)
      for (let i = 1; i < 40; i++) each.update(new Float32Array(D).fill(100 * i), i)
      const born = each.clusters().filter(({ id }) => !before.includes(id))
      expect(born.filter(({ id }) => id < 40)).toEqual([])
      if (before.length < 4) expect(born.length).toBeGreaterThan(0)
    }
  })

  it('never gives an id twice, and says so of each birth, merge, split and loss', () => {
    fc.assert(
      fc.property(stream, latents => {
        const clusterer = fit(raw)
        const alive = new Set(clusterer.clusters().map(({ id }) => id))
        let highest = Math.max(0, ...alive)
        const born = (id: number) => {
          expect(id).toBeGreaterThan(highest)
          highest = id
          alive.add(id)
        }
        latents.forEach((latent, time) => {
          const update = clusterer.update(latent, time)
          for (const { into } of update.split) born(into)
          if (update.isNew) born(update.id)
          for (const { from, into } of update.merged) {
            expect(alive.delete(from)).toBe(true)
            expect(clusterer.resolve(from)).toBe(clusterer.resolve(into))
          }
          for (const id of update.forgotten) {
            expect(alive.delete(id)).toBe(true)
            expect(clusterer.resolve(id)).toBeUndefined()
          }
          expect(alive).toContain(update.id)
          expect(clusterer.clusters().map(({ id }) => id)).toEqual([...alive].sort((a, b) => a - b))
          expect(clusterer.size).toBeLessThanOrEqual(Number(raw.max_clusters ?? 64))
        })
      }),
      runs,
    )
  })

  it('counts every update once', () => {
    fc.assert(
      fc.property(stream, latents => {
        const clusterer = fit(raw)
        let lost = 0
        latents.forEach((latent, time) => {
          const before = new Map(clusterer.clusters().map(({ id, count }) => [id, count]))
          for (const id of clusterer.update(latent, time).forgotten) lost += before.get(id)!
        })
        const counted = clusterer.clusters().reduce((sum, { count }) => sum + count, 0)
        expect(clusterer.updates).toBe(latents.length)
        expect(counted + lost).toBe(latents.length)
      }),
      runs,
    )
  })

  it('goes on from a snapshot at any point bit for bit', () => {
    fc.assert(
      fc.property(stream, fc.nat(119), (latents, at) => {
        const clusterer = fit(raw)
        const cut = Math.min(at, latents.length)
        latents.slice(0, cut).forEach((latent, time) => {
          clusterer.update(latent, time)
        })
        const restored = restoreClusterer(JSON.parse(state(clusterer)))
        expect(state(restored)).toBe(state(clusterer))
        latents.slice(cut).forEach((latent, time) => {
          expect(restored.update(latent, cut + time)).toEqual(clusterer.update(latent, cut + time))
        })
        expect(state(restored)).toBe(state(clusterer))
      }),
      runs,
    )
  })

  it('is left as it was by NaN, infinity, a latent of another size and a time that is none', () => {
    const clusterer = fit(raw)
    clusterer.update(Float32Array.of(30, 30, 30), 5)
    const before = state(clusterer)
    const bad = (latent: number[], time: number, code: string) =>
      expect(() => clusterer.update(Float32Array.from(latent), time)).toThrow(expect.objectContaining({ code }))
    bad([0, Number.NaN, 0], 6, 'AUSCULT_NON_FINITE')
    bad([0, 0, Number.POSITIVE_INFINITY], 6, 'AUSCULT_NON_FINITE')
    bad([0, 0], 6, 'AUSCULT_INPUT_SHAPE')
    bad([0, 0, 0], Number.NaN, 'AUSCULT_NON_FINITE')
    expect(() => clusterer.assign(Float32Array.of(Number.NaN, 0, 0))).toThrow(
      expect.objectContaining({ code: 'AUSCULT_NON_FINITE' }),
    )
    clusterer.assign(Float32Array.of(99, 0, 0))
    expect(state(clusterer)).toBe(before)
  })

  it('puts exact duplicates into one cluster, whatever their order', () => {
    const [a, b] = [Float32Array.of(40, 40, 40), Float32Array.of(-40, -40, -40)]
    for (const order of [
      [a, a, b, b],
      [a, b, a, b],
      [b, a, a, b],
    ]) {
      const clusterer = fit(plain(raw))
      const ids = order.map((latent, time) => clusterer.update(latent, time).id)
      expect(new Set(ids).size).toBe(2)
      order.forEach((latent, i) => {
        expect(ids[i]).toBe(ids[order.indexOf(latent)])
        expect(clusterer.assign(latent)).toMatchObject({ id: ids[i], within: true })
      })
    }
  })

  it('finds the two groups of training, and a third when it comes', () => {
    const clusterer = fit(plain(raw))
    expect(clusterer.clusters().reduce((sum, { trained }) => sum + trained, 0)).toBeGreaterThan(60)
    const [low, high] = [0, 8].map(at => clusterer.assign(new Float32Array(D).fill(at))!)
    expect(low.id).not.toBe(high.id)
    const far = clusterer.update(new Float32Array(D).fill(30), 1000)
    expect(far).toMatchObject({ isNew: true, within: true, distance: 0 })
    expect(clusterer.update(Float32Array.of(30.2, 30, 29.9), 2000)).toMatchObject({ id: far.id, isNew: false })
    const cluster = clusterer.clusters().find(({ id }) => id === far.id)
    expect(cluster).toMatchObject({ count: 2, trained: 0, firstAt: 1000, lastAt: 2000, isProtected: false })
  })

  it('takes equal latents, one dimension, and a single latent where it can', () => {
    const same = fitClusterer(new Float32Array(60).fill(2.5), D, configOf({ ...raw, ...(raw.k ? { k: 2 } : {}) }), 1)
    expect(same.size).toBe(1)
    const held = same.update(new Float32Array(D).fill(2.5), 0)
    expect(held).toMatchObject({ isNew: false, within: true, distance: 0 })
    expect(same.update(new Float32Array(D).fill(100), 0)).toMatchObject({ isNew: true })
    const line = fitClusterer(normals(80, 1, 1), 1, configOf(raw), 1)
    expect(line.update(Float32Array.of(500), 0).isNew).toBe(true)
    if (raw.epsilon || raw.method !== 'denstream') {
      const one = fitClusterer(new Float32Array(D), D, configOf({ ...raw, ...(raw.k ? { k: 1 } : {}) }), 1)
      expect(one.update(new Float32Array(D), 0).within).toBe(true)
    }
  })

  it('has the same clusters from the same seed', () => {
    expect(state(fit(raw))).toBe(state(fit(raw)))
  })

  it('keeps what is protected, and knows no others', () => {
    const clusterer = fit(raw)
    const { id } = clusterer.update(new Float32Array(D).fill(100), 0)
    clusterer.protect(id, true)
    const random = seeded(3)
    for (let i = 0; i < 300; i++)
      clusterer.update(
        Float32Array.from({ length: D }, () => 60 * random.normal()),
        i,
      )
    expect(clusterer.clusters().find(cluster => cluster.isProtected)?.id).toBe(clusterer.resolve(id))
    expect(clusterer.resolve(id)).toBe(id)
    expect(clusterer.resolve(99_999)).toBeUndefined()
    expect(() => clusterer.protect(99_999, true)).toThrow(expect.objectContaining({ code: 'AUSCULT_USAGE' }))
  })
})

describe('fitClusterer', () => {
  it.each(['kmeans', 'gmm'])('refuses a %s with more clusters than latents', method => {
    const fitted = () => fitClusterer(normals(4, D, 1), D, configOf({ method, k: 5 }), 1)
    expect(fitted).toThrow(expect.objectContaining({ code: 'AUSCULT_CONFIG', at: 'clusters.k' }))
  })

  it('refuses latents with NaN and tables that do not divide', () => {
    const fitted = (data: Float32Array) => () => fitClusterer(data, 2, configOf({ method: 'kmeans' }), 1)
    expect(fitted(Float32Array.of(1, 2, Number.NaN, 3))).toThrow(
      expect.objectContaining({ code: 'AUSCULT_NON_FINITE', at: 'latent 1' }),
    )
    expect(fitted(new Float32Array(3))).toThrow(expect.objectContaining({ code: 'AUSCULT_INPUT_SHAPE' }))
    expect(fitted(new Float32Array(0))).toThrow(expect.objectContaining({ code: 'AUSCULT_CONFIG' }))
  })

  it('chooses k', () => {
    for (const method of ['kmeans', 'gmm']) {
      for (const centres of [[0], [0, 20], [0, 20, 45, -30]]) {
        const clusterer = fitClusterer(normals(240, 4, 5, centres), 4, configOf({ method }), 1)
        expect([method, clusterer.size]).toEqual([method, centres.length])
      }
    }
  })
})
