import { checkConfig } from '../../../src/config.ts'
import type { Clusterer } from '../../../src/model/clusters/clusterer.ts'
import { clustersSchema } from '../../../src/model/clusters/config.ts'
import { fitClusterer } from '../../../src/model/clusters/create.ts'
import { type Random, seeded } from '../../../src/random.ts'
import { type Job, repeat, type Timing } from '../timing.ts'

/** Updates that are timed together: so few that a scheduler seldom cuts in. */
export const UPDATES = 200
/** Latents of a stream, which is played again and again. */
const LATENTS = 10_000

export interface ClustersJob extends Job {
  /** A clusters configuration; k is set for methods that have one. */
  config: { method: string } & Record<string, unknown>
  clusters: number
  dimensions: number
  /** Mean distance of two centres, in standard deviations of one dimension: less makes more of them overlap. */
  apart: number
  /** Windows learned before each measurement, rising. */
  seen: number[]
}

export interface ClustersResult {
  /** Of UPDATES updates, for each number of windows seen. */
  timings: Timing[]
  /** Clusters there are at the end. */
  size: number
}

/** What updates of a clusterer take that has as many clusters, after it has seen as many windows. */
export async function measure(job: ClustersJob): Promise<ClustersResult> {
  const { clusters: k, dimensions: d, seconds } = job
  const random = seeded(1)
  const draw = gaussians(job, random)
  const clusterer = fit(job, draw(40 * k))
  const stream = draw(LATENTS)
  let count = 0
  const play = (n: number, to: Clusterer) => {
    for (let i = 0; i < n; i++, count++) {
      const at = (count % LATENTS) * d
      to.update(stream.subarray(at, at + d), count)
    }
  }
  const timings: Timing[] = []
  for (const seen of job.seen) {
    play(Math.max(0, seen - count), clusterer)
    timings.push(await repeat(() => play(UPDATES, clusterer), seconds))
  }
  return { timings, size: clusterer.size }
}

/** Latents of Gaussians with correlations of their own. */
function gaussians({ clusters: k, dimensions: d, apart }: ClustersJob, random: Random): (n: number) => Float32Array {
  const normals = (n: number, scale: number) => Float64Array.from({ length: n }, () => scale * random.normal())
  const centres = normals(k * d, apart / Math.sqrt(2 * d))
  const mixing = normals(k * d * d, 0.5 / Math.sqrt(d))
  return n => {
    const latents = new Float32Array(n * d)
    for (let i = 0; i < n; i++) {
      const c = random.integer(k)
      const noise = normals(d, 1)
      for (let j = 0; j < d; j++) {
        let value = centres[c * d + j] + 0.8 * noise[j]
        for (let l = 0; l < d; l++) value += mixing[(c * d + j) * d + l] * noise[l]
        latents[i * d + j] = value
      }
    }
    return latents
  }
}

function fit({ config, clusters: k, dimensions }: ClustersJob, training: Float32Array): Clusterer {
  const bounds = { max_clusters: Math.max(64, k) }
  const seeding = config.method === 'denstream' ? {} : { k, merge: 0 }
  return fitClusterer(
    training,
    dimensions,
    checkConfig({ ...bounds, ...seeding, ...config }, clustersSchema, 'bench'),
    1,
  )
}
