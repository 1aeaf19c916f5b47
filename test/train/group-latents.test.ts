import { describe, expect, it } from 'vitest'
import { clustersSchema } from '../../src/model/clusters/config.ts'
import { restoreClusterer } from '../../src/model/clusters/create.ts'
import { Exemplars } from '../../src/model/clusters/exemplars.ts'
import { groupLatents } from '../../src/train/group-latents.ts'
import { blobs } from '../model/map/blobs.ts'

const { latents, labels, d } = blobs(3, 40, 4)
const windows = labels.map((label, i) => `${label}.wav@${i}`)
const sample = { latents, dimensions: d, windows }

describe('groupLatents', () => {
  it.each([{ method: 'kmeans' }, { method: 'gmm' }, { method: 'denstream' }])('finds the classes: $method', config => {
    const { clusters, assigned } = groupLatents(sample, clustersSchema.parse(config), 1)
    expect(new Set(assigned.map((id, i) => `${id} ${labels[i]}`)).size).toBe(3)
    expect(clusters.config.method).toBe(config.method)
    const clusterer = restoreClusterer(clusters.clusterer)
    expect(clusterer.assign(latents.subarray(0, d))?.id).toBe(assigned[0])
  })

  it('keeps the windows nearest to each centre', () => {
    const { clusters, assigned } = groupLatents(sample, clustersSchema.parse(undefined), 1)
    const clusterer = restoreClusterer(clusters.clusterer)
    const exemplars = Exemplars.restore(JSON.parse(JSON.stringify(clusters.exemplars)))
    for (const { id } of clusterer.clusters()) {
      const own = assigned.flatMap((other, i) => (other === id ? [i] : []))
      const distance = (i: number) => clusterer.assign(latents.subarray(i * d, (i + 1) * d))!.distance
      const expected = own.sort((a, b) => distance(a) - distance(b)).slice(0, 8)
      expect(exemplars.central(id).map(({ window }) => window)).toEqual(expected.map(i => windows[i]))
    }
  })

  it('refuses more clusters than there are latents', () => {
    const config = clustersSchema.parse({ method: 'kmeans', k: 121 })
    expect(() => groupLatents(sample, config, 1)).toThrow(expect.objectContaining({ code: 'AUSCULT_CONFIG' }))
  })
})
