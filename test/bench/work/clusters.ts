import { checkConfig } from '../../../src/config.ts'
import { clustersSchema } from '../../../src/model/clusters/config.ts'
import { fitClusterer } from '../../../src/model/clusters/create.ts'
import { seeded } from '../../../src/random.ts'
import { type Job, repeat, type Timing } from '../timing.ts'

/** Updates of one call. */
export const UPDATES = 1000

export interface ClustersJob extends Job {
  /** A clusters configuration; k is set for methods that have one. */
  config: { method: string } & Record<string, unknown>
  clusters: number
  dimensions: number
  /** Distance of two centres, in standard deviations of one dimension: less makes all of them overlap. */
  apart: number
  /** Windows learned before the measurement begins. */
  seen: number
}

/** Updates of a clusterer that has as many clusters, after it has seen as many windows. */
export async function measure({
  config,
  clusters: k,
  dimensions: d,
  apart,
  seen,
  seconds,
}: ClustersJob): Promise<Timing> {
  const random = seeded(1)
  const centres = Float64Array.from({ length: k * d }, () => (apart / Math.sqrt(2 * d)) * random.normal())
  const latents = (n: number) => {
    const data = new Float32Array(n * d)
    for (let i = 0; i < n; i++) {
      const from = random.integer(k) * d
      for (let j = 0; j < d; j++) data[i * d + j] = centres[from + j] + random.normal()
    }
    return data
  }
  const full = { k, max_clusters: Math.max(64, k), merge: 0, ...config }
  const { k: _k, merge: _merge, ...dense } = full
  const clusterer = fitClusterer(
    latents(40 * k),
    d,
    checkConfig(config.method === 'denstream' ? dense : full, clustersSchema, 'bench'),
    1,
  )
  const stream = latents(UPDATES)
  const rows = Array.from({ length: UPDATES }, (_, i) => stream.subarray(i * d, (i + 1) * d))
  for (let i = 0; i < seen; i++) clusterer.update(rows[i % UPDATES], i)
  const timing = await repeat(() => {
    for (const row of rows) clusterer.update(row, 0)
  }, seconds)
  process.stderr.write(`${clusterer.size} clusters\n`)
  return timing
}
