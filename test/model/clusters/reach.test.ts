import { describe, expect, it } from 'vitest'
import { clustersSchema } from '../../../src/model/clusters/config.ts'
import { fitClusterer, restoreClusterer } from '../../../src/model/clusters/create.ts'
import { seeded } from '../../../src/random.ts'

const random = seeded(9)
const near = (x: number, y: number, spread: number) =>
  Float32Array.of(x + spread * random.normal(), y + spread * random.normal())
const training = 200
const latents = Float32Array.from(Array.from({ length: training }, () => [...near(0, 0, 1)]).flat())

describe.each([
  ['kmeans', { method: 'kmeans', k: 1 }],
  ['gmm', { method: 'gmm', k: 1 }],
  ['gmm, full', { method: 'gmm', k: 1, covariance: 'full' }],
])('%s, of what is wrong beside what is normal', (_, raw) => {
  const fit = (more: object = {}) => fitClusterer(latents, 2, clustersSchema.parse({ ...raw, ...more }), 0)
  /** At 0.6 of the radius. */
  const beside = (clusterer: ReturnType<typeof fit>) => {
    const { radius, distance } = clusterer.assign(Float32Array.of(1, 0))!
    return (0.6 * radius) / distance
  }

  it('gives anomalous windows a cluster of their own, and normal ones none', () => {
    const clusterer = fit()
    const x = beside(clusterer)
    expect(clusterer.update(Float32Array.of(x, 0), 0).id).toBe(1)
    const born = clusterer.update(Float32Array.of(x, 0), 1, true)
    expect(born).toMatchObject({ id: 2, isNew: true, within: true })
    for (let i = 0; i < 50; i++) {
      const again = clusterer.update(near(x, 0, 0.05), 2 + i, true)
      expect(again).toMatchObject({ id: 2, isNew: false, within: true, merged: [] })
    }
    expect(clusterer.update(near(0, 0, 0.05), 60, true)).toMatchObject({ id: 1, within: true })
    expect(clusterer.size).toBe(2)
  })

  it('knows again what is wrong after many normal windows around it', () => {
    const clusterer = fit({ merge: 1 })
    const x = beside(clusterer)
    for (let i = 0; i < 60; i++) clusterer.update(near(x, 0, 0.4), i, true)
    const { id } = clusterer.update(Float32Array.of(x, 0), 60, true)
    expect(id).toBeGreaterThan(1)
    for (let i = 0; i < 3000; i++) clusterer.update(near((i / 5000) * x, 0, 1), 61 + i)
    expect(clusterer.update(Float32Array.of(x, 0), 3100, true)).toMatchObject({ id, isNew: false })
  })

  it('goes by the radius alone where the reach is 1', () => {
    const clusterer = fit({ reach: 1 })
    expect(clusterer.update(Float32Array.of(beside(clusterer), 0), 0, true)).toMatchObject({ id: 1, isNew: false })
  })

  it('says up to where such a window belongs to the cluster', () => {
    const clusterer = fit({ reach: 0.5 })
    const { radius } = clusterer.assign(Float32Array.of(0, 0))!
    const inside = clusterer.update(Float32Array.of(0, 0), 0, true)
    expect(inside.radius / radius).toBeCloseTo(0.5, 1)
    expect(clusterer.update(Float32Array.of(0, 0), 1).radius / radius).toBeCloseTo(1, 1)
  })

  it('has the same outcome after a restart', () => {
    const first = fit()
    first.update(Float32Array.of(beside(first), 0), 0, true)
    const second = restoreClusterer(JSON.parse(JSON.stringify(first.snapshot())))
    for (let i = 0; i < 100; i++) {
      const latent = near(i % 2 ? beside(first) : 0, 0, 0.2)
      expect(second.update(latent, i, i % 2 === 1)).toEqual(first.update(latent, i, i % 2 === 1))
    }
  })
})
