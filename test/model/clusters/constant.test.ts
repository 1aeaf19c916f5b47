import { expect, it } from 'vitest'
import { checkConfig } from '../../../src/config.ts'
import type { Clusterer } from '../../../src/model/clusters/clusterer.ts'
import { clustersSchema } from '../../../src/model/clusters/config.ts'
import { fitClusterer } from '../../../src/model/clusters/create.ts'
import { seeded } from '../../../src/random.ts'

const [D, K, ROWS] = [8, 4, 400]
const random = seeded(6)
const latents = Float32Array.from(
  { length: ROWS * D },
  (_, at) => random.normal() + (at % D === Math.floor(at / D) % K ? 30 : 0),
)
const row = (i: number) => latents.subarray((i % ROWS) * D, ((i % ROWS) + 1) * D)

/** The least of many short measurements: what else the machine does only adds to it. */
function fastest(clusterer: Clusterer): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 50; round++) {
    const start = performance.now()
    for (let i = 0; i < ROWS; i++) clusterer.update(row(i), i)
    least = Math.min(least, performance.now() - start)
  }
  return least
}

it.each([
  { method: 'kmeans', k: K },
  { method: 'gmm', k: K },
  { method: 'gmm', k: K, covariance: 'full' },
  { method: 'denstream' },
])('time and state of $method do not grow with the latents seen', raw => {
  const clusterer = fitClusterer(latents, D, checkConfig(raw, clustersSchema, 'test'), 1)
  const size = () => Object.values(clusterer.snapshot().arrays).join('').length
  const before = { time: fastest(clusterer), size: size() }
  for (let i = 0; i < 200_000; i++) clusterer.update(row(i), i)
  expect(clusterer.updates).toBeGreaterThan(200_000)
  expect(size()).toBeLessThanOrEqual(1.1 * before.size)
  expect(fastest(clusterer)).toBeLessThan(2 * before.time)
})
