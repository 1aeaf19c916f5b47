import { describe, expect, it } from 'vitest'
import { clustersSchema } from '../../src/model/clusters/config.ts'
import { seeded } from '../../src/random.ts'
import { clusterItems } from '../../src/train/cluster-report.ts'

const D = 6
const random = seeded(2)
/** 90 items of three kinds; the third is anomalous, every tenth has no label. */
const kinds = Array.from({ length: 90 }, (_, i) => i % 3)
const items = {
  places: Float32Array.from(
    kinds.flatMap(kind => Array.from({ length: D }, (_, j) => (j === kind ? 20 : 0) + random.normal())),
  ),
  dimensions: D,
  scores: kinds.map((kind, i) => (kind === 2 ? 10 : 1) + i / 1000),
  threshold: 5,
  classes: kinds.map((kind, i) => (i % 10 === 9 ? null : ['hum', 'rattle', 'squeal'][kind])),
}

describe('clusterItems', () => {
  it.each(['kmeans', 'gmm'])('finds the kinds with %s', method => {
    const report = clusterItems(items, clustersSchema.parse({ method, k: 3 }), 1)
    expect(report).toMatchObject({
      classes: { purity: 1, adjusted_rand_index: 1, normalized_mutual_information: expect.closeTo(1, 9), items: 81 },
      decisions: { purity: 1, items: 90 },
    })
    expect(report.classes!.largest_class).toBeCloseTo(1 / 3, 12)
    expect(report.decisions!.adjusted_rand_index).toBeLessThan(0.9)
    expect(report.clusters.map(({ count }) => count)).toEqual([30, 30, 30])
    const squeal = report.clusters.find(({ classes }) => classes.squeal)!
    expect(squeal.classes).toEqual({ squeal: 27 })
    expect(squeal.mean_score).toBeGreaterThan(10)
    expect(report.assigned[2]).toBe(squeal.id)
  })

  it('has no agreement with fewer than two classes, or decisions', () => {
    const config = clustersSchema.parse({ k: 3, method: 'kmeans' })
    const none = clusterItems({ ...items, classes: items.classes.map(() => null) }, config, 1)
    expect(none.classes).toBeNull()
    expect(none.clusters[0].classes).toEqual({})
    const one = clusterItems({ ...items, classes: items.classes.map(() => 'hum'), threshold: 50 }, config, 1)
    expect([one.classes, one.decisions]).toEqual([null, null])
    expect(one.clusters[0].classes).toEqual({ hum: 30 })
  })
})
