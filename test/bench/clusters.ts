import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sharedData } from '../helpers/requires.ts'
import { type Comparison, compareAll, MEASURES } from './clusters/compare.ts'
import { digits } from './clusters/quality.ts'
import { frames, sounds } from './clusters/recorded.ts'
import { blobs, drifting, type LabelledLatents } from './clusters/streams.ts'
import { makePeers, runOurs } from './processes.ts'
import { aligned } from './table.ts'
import { type ClustersResult, UPDATES } from './work/clusters.ts'

const METHODS = {
  kmeans: { method: 'kmeans' },
  'gmm, full': { method: 'gmm', covariance: 'full' },
  'gmm, diagonal': { method: 'gmm', covariance: 'diagonal' },
  denstream: { method: 'denstream' },
}
/** Distances of clusters in standard deviations of a dimension, and windows seen: the one varies while the other is the first. */
const APART = [12, 40, 6]
const SEEN = [10_000, 100_000, 1_000_000]

/** What an update takes at 64 clusters × 32 dimensions, in µs. */
export interface Cost {
  method: string
  apart: number
  seen: number
  clusters: number
  best: number
  median: number
}

export interface ClustersReport {
  costs: Cost[]
  qualities: Comparison[]
}

/** What updates cost; with peers also the quality of clusters beside scikit-learn and River on the same streams, one for each seed. */
export async function benchClusters(seconds: number, seeds: number, withPeers: boolean): Promise<ClustersReport> {
  const costs: Cost[] = []
  for (const [method, config] of Object.entries(METHODS)) {
    for (const apart of APART) {
      const seen = apart === APART[0] ? SEEN : SEEN.slice(0, 1)
      const job = { config, clusters: 64, dimensions: 32, apart, seen, threads: 1, seconds }
      const { timings, size } = await runOurs<ClustersResult>({ work: 'clusters', job })
      const micro = (time: number) => (time / UPDATES) * 1e6
      timings.forEach(({ best, median }, i) => {
        costs.push({ method, apart, seen: seen[i], clusters: size, best: micro(best), median: micro(median) })
      })
    }
  }
  return { costs, qualities: withPeers ? await compareQuality([...Array(seeds).keys()]) : [] }
}

async function compareQuality(seeds: readonly number[]): Promise<Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-clusters-'))
  try {
    const python = await makePeers()
    const data = sharedData()
    const fixed: LabelledLatents[] = [await digits(python, folder)]
    if (data) fixed.push(await sounds(data, folder), await frames(data, folder))
    const sets = [
      ...fixed.map(set => () => set),
      blobs,
      (seed: number) => blobs(seed, { d: 4, k: 6, apart: 4, stretch: 0.3 }),
      drifting,
    ]
    const all: Comparison[] = []
    for (const make of sets) all.push(...(await compareAll(python, make, seeds, folder)))
    return all
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function clustersTable({ costs, qualities }: ClustersReport): string {
  const header = ['an update', 'apart', 'windows seen', 'clusters', 'median', 'best']
  const rows = costs.map(({ method, apart, seen, clusters, median, best }) => [
    method,
    ...[apart, seen, clusters].map(String),
    ...[median, best].map(time => `${time.toFixed(1)} µs`),
  ])
  return [aligned([header, ...rows], [1, 2, 3, 4, 5]), ...qualities.flatMap(qualityLines)].join('\n')
}

function qualityLines({ set, ours, theirs, difference }: Comparison): string[] {
  const line = (result: Comparison['ours']) => {
    const measures = MEASURES.map(measure => {
      const { mean, deviation } = result[measure]
      return `${measure} ${mean.toFixed(3)} ± ${deviation.toFixed(3)}`
    })
    return `  ${result.name.padEnd(26)} ${measures.join('  ')}  ${result.clusters.toFixed(1)} clusters`
  }
  const less = MEASURES.map(measure => {
    const { mean, error } = difference[measure]
    return `${measure} ${mean < 0 ? '−' : '+'}${Math.abs(mean).toFixed(3)} ± ${error.toFixed(3)}`
  })
  return ['', set, line(ours), line(theirs), `  ${'difference, its error'.padEnd(26)} ${less.join('  ')}`]
}
