import { expect, it } from 'vitest'
import { bundleClustersSchema } from '../../../src/model/clusters/bundle-clusters.ts'
import { clustersSchema } from '../../../src/model/clusters/config.ts'
import { fitClusterer, restoreClusterer } from '../../../src/model/clusters/create.ts'
import { Exemplars } from '../../../src/model/clusters/exemplars.ts'

it('the clusters of a bundle come back from JSON', () => {
  const config = clustersSchema.parse({ method: 'gmm', k: 1 })
  const clusterer = fitClusterer(Float32Array.of(0, 1, 0, 2, 1, 1), 2, config, 1)
  const exemplars = new Exemplars()
  exemplars.offer(1, { window: 'pump.wav/0', time: 0, distance: 1 }, Float32Array.of(0, 1))
  const written = { config, clusterer: clusterer.snapshot(), exemplars: exemplars.snapshot() }
  const read = bundleClustersSchema.parse(JSON.parse(JSON.stringify(written)))
  expect(read.config).toEqual(config)
  expect(restoreClusterer(read.clusterer).snapshot()).toEqual(written.clusterer)
  expect(Exemplars.restore(read.exemplars).snapshot()).toEqual(written.exemplars)
  expect(bundleClustersSchema.safeParse({ ...written, more: 1 }).success).toBe(false)
})
