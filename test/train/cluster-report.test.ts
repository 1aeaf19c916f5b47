import { describe, expect, it } from 'vitest'
import { clustersSchema } from '../../src/model/clusters/config.ts'
import { seeded } from '../../src/random.ts'
import { clusterItems, scoreHistograms } from '../../src/train/cluster-report.ts'

const D = 6
const random = seeded(2)
/** 90 items of three kinds; the third is anomalous, every tenth has no label. */
const kinds = Array.from({ length: 90 }, (_, i) => i % 3)
const items = {
  latents: Float32Array.from(
    kinds.flatMap(kind => Array.from({ length: D }, (_, j) => (j === kind ? 20 : 0) + random.normal())),
  ),
  dimensions: D,
  scores: kinds.map((kind, i) => (kind === 2 ? 10 : 1) + i / 1000),
  threshold: 5,
  labels: kinds.map((kind, i) => (i % 10 === 9 ? null : ['hum', 'rattle', 'squeal'][kind])),
}

describe('clusterItems', () => {
  it.each([
    ['kmeans', 0],
    ['kmeans', 2],
    ['gmm', 0],
    ['gmm', 2],
  ])('finds the kinds with %s in %i components', (method, components) => {
    const report = clusterItems(items, clustersSchema.parse({ method, k: 3 }), 1, components)
    expect(report).toMatchObject({
      space: components ? 'pca' : 'latent',
      dimensions: components || D,
      labels: { purity: 1, adjusted_rand_index: 1, normalized_mutual_information: expect.closeTo(1, 9) },
      decisions: { purity: 1 },
    })
    expect(report.decisions.adjusted_rand_index).toBeLessThan(0.9)
    expect(report.clusters.map(({ count }) => count)).toEqual([30, 30, 30])
    const squeal = report.clusters.find(({ labels }) => labels.squeal)!
    expect(squeal.labels).toEqual({ squeal: 27 })
    expect(squeal.mean_score).toBeGreaterThan(10)
    expect(report.assigned[2]).toBe(squeal.id)
  })

  it('has no agreement with labels where there are none', () => {
    const report = clusterItems(
      { ...items, labels: items.labels.map(() => null) },
      clustersSchema.parse({ k: 3, method: 'kmeans' }),
      1,
    )
    expect(report.labels).toBeNull()
    expect(report.clusters[0].labels).toEqual({})
  })
})

describe('scoreHistograms', () => {
  it('counts each item once, over common bins', () => {
    const { edges, counts } = scoreHistograms([0, 1, 2, 3, 4], ['a', 'b', 'a', 'b', null], 3)
    expect(edges).toEqual([0, 1, 2, 3])
    expect(counts).toEqual({ a: [1, 0, 1], b: [0, 1, 1] })
  })

  it('takes equal scores, and none', () => {
    expect(scoreHistograms([2, 2], [1, 1], 2).counts).toEqual({ 1: [2, 0] })
    expect(scoreHistograms([], [], 2)).toEqual({ edges: [], counts: {} })
  })
})
