import { describe, expect, it } from 'vitest'
import type { Merge } from '../../../src/model/clusters/clusterer.ts'
import { clustersSchema } from '../../../src/model/clusters/config.ts'
import { fitClusterer } from '../../../src/model/clusters/create.ts'
import { seeded } from '../../../src/random.ts'

const D = 2
const random = seeded(4)
const around = (...centre: number[]) => Float32Array.from(centre, value => value + 1.6 * random.uniform() - 0.8)
const table = (rows: Float32Array[]) => Float32Array.from(rows.flatMap(row => [...row]))
const training = () => table(Array.from({ length: 100 }, (_, i) => around(i % 2 ? 10 : 0, 0)))
const fit = (raw: object) => fitClusterer(training(), D, clustersSchema.parse(raw), 1)
/** A new kind every `step` along a line, farther than any radius. */
const newcomer = (i: number) => Float32Array.of(0, 1000 * (i + 1))

describe.each([
  ['kmeans', { method: 'kmeans', k: 2, half_life: 20, merge: 0.7 }],
  ['gmm', { method: 'gmm', k: 2, half_life: 20 }],
  ['gmm, full', { method: 'gmm', k: 2, covariance: 'full', half_life: 20 }],
])('%s', (_, raw) => {
  it('merges clusters of training that have come together, and keeps the older id', () => {
    const clusterer = fit(raw)
    const merged: Merge[] = []
    for (let i = 0; i < 600; i++) {
      const x = 5 * Math.min(1, i / 400)
      merged.push(...clusterer.update(around(i % 2 ? 10 - x : x, 0), i).merged)
    }
    expect(merged).toEqual([{ from: 2, into: 1 }])
    expect(clusterer.resolve(2)).toBe(1)
    const [cluster] = clusterer.clusters()
    expect(cluster).toMatchObject({ id: 1, trained: 100, count: 600, firstAt: 0, lastAt: 599 })
    expect(Math.hypot(cluster.centre[0] - 5, cluster.centre[1])).toBeLessThan(0.7)
  })

  it('does not merge two that are protected', () => {
    const clusterer = fit(raw)
    for (const { id } of clusterer.clusters()) clusterer.protect(id, true)
    for (let i = 0; i < 600; i++) {
      const x = 5 * Math.min(1, i / 400)
      clusterer.update(around(i % 2 ? 10 - x : x, 0), i)
    }
    expect(clusterer.size).toBe(2)
  })
})

describe.each([
  ['kmeans', { method: 'kmeans', k: 2 }],
  ['gmm', { method: 'gmm', k: 2 }],
  ['denstream', { method: 'denstream', epsilon: 1 }],
])('%s at the bound on clusters', (_, raw) => {
  const bounded = { ...raw, max_clusters: 4, ...(raw.method === 'denstream' ? {} : { birth_spread: 0 }) }

  it('gives up the lightest that is neither trained nor protected', () => {
    const clusterer = fit(bounded)
    expect(clusterer.size).toBe(2)
    const kept = clusterer.update(newcomer(0), 0).id
    const heavy = clusterer.update(newcomer(1), 1).id
    clusterer.update(newcomer(1), 2)
    clusterer.protect(kept, true)
    const next = clusterer.update(newcomer(2), 3)
    expect(next).toMatchObject({ isNew: true, forgotten: [heavy] })
    expect(clusterer.resolve(kept)).toBe(kept)
  })

  it('counts a newcomer for the nearest when none can be given up', () => {
    const clusterer = fit(bounded)
    for (const i of [0, 1]) clusterer.protect(clusterer.update(newcomer(i), i).id, true)
    const before = clusterer.clusters()
    const update = clusterer.update(newcomer(2), 5)
    expect(update).toMatchObject({ id: before[3].id, isNew: false, within: false, forgotten: [] })
    const after = clusterer.clusters()
    expect(after[3]).toMatchObject({ count: before[3].count + 1, centre: before[3].centre })
    expect(after).toHaveLength(4)
  })
})

describe('kmeans', () => {
  it('follows a cluster that moves, and gives a wide new kind one cluster', () => {
    const clusterer = fit({ method: 'kmeans', k: 2, half_life: 50 })
    for (let i = 0; i < 2000; i++) clusterer.update(around(0, i / 100), i)
    expect(clusterer.size).toBe(2)
    expect(Math.max(...clusterer.clusters().map(({ centre }) => centre[1]))).toBeGreaterThan(18)
    const wide = new Set<number>()
    for (let i = 0; i < 200; i++) wide.add(clusterer.update(around(300 + 8 * random.normal(), 300), i).id)
    expect(wide.size).toBe(1)
  })
})

describe('denstream', () => {
  const raw = { method: 'denstream', epsilon: 1, mu: 4, beta: 0.5, lambda: 0.01, link: 3.5 }

  it('forgets what is not seen any more', () => {
    const clusterer = fit(raw)
    const forgotten: number[] = []
    for (let i = 0; i < 3000; i++) forgotten.push(...clusterer.update(around(0, 0), i).forgotten)
    const right = clusterer.clusters().find(({ centre }) => centre[0] > 5)
    expect(right).toBeUndefined()
    expect(forgotten.length).toBeGreaterThan(0)
  })

  it('does not forget what is protected', () => {
    const clusterer = fit(raw)
    const right = clusterer.assign(Float32Array.of(10, 0))!.id
    clusterer.protect(right, true)
    for (let i = 0; i < 3000; i++) clusterer.update(around(0, 0), i)
    expect(clusterer.assign(Float32Array.of(10, 0))!.id).toBe(right)
  })

  it('joins two clusters when a bridge as dense as they are grows between them, and splits them when it fades', () => {
    const clusterer = fit(raw)
    const idAt = (x: number) => clusterer.assign(Float32Array.of(x, 0))!.id
    expect(idAt(0)).not.toBe(idAt(10))
    let splits = 0
    for (let i = 0; i < 1500; i++) clusterer.update(around(12 * random.uniform() - 1, 0), i)
    expect(idAt(0)).toBe(idAt(10))
    for (let i = 0; i < 6000; i++) splits += clusterer.update(around(i % 2 ? 10 : 0, 0), i).split.length
    expect(splits).toBeGreaterThan(0)
    expect(idAt(0)).not.toBe(idAt(10))
  })

  it('keeps two clusters apart that a sparse bridge connects', () => {
    const clusterer = fit(raw)
    const idAt = (x: number) => clusterer.assign(Float32Array.of(x, 0))!.id
    for (let i = 0; i < 3000; i++) {
      clusterer.update(around(i % 4 ? (i % 2 ? 10 : 0) : 10 * random.uniform(), 0), i)
      if (i > 500) expect(idAt(0)).not.toBe(idAt(10))
    }
    expect(clusterer.assign(Float32Array.of(5, 0))).toMatchObject({ within: true })
  })
})
