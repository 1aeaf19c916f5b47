import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sharedData } from '../helpers/requires.ts'
import { type Comparison, compareAll } from './clusters/compare.ts'
import { digits } from './clusters/quality.ts'
import { frames, sounds } from './clusters/recorded.ts'
import { blobs, drifting, type LabelledLatents } from './clusters/streams.ts'
import { makePeers, runOurs } from './processes.ts'
import type { Timing } from './timing.ts'
import { UPDATES } from './work/clusters.ts'

/*
 * `npx tsx test/bench/clusters.ts [seeds]`: quality of clusters beside scikit-learn and River on the same streams, means over seeds; and
 * what an update costs.
 */

const METHODS = {
  kmeans: { method: 'kmeans' },
  'gmm, full': { method: 'gmm', covariance: 'full' },
  'gmm, diagonal': { method: 'gmm', covariance: 'diagonal' },
  denstream: { method: 'denstream' },
}

async function quality(seeds: readonly number[], folder: string): Promise<Comparison[]> {
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
}

async function costs(): Promise<string[]> {
  const lines: string[] = []
  for (const [name, config] of Object.entries(METHODS)) {
    for (const seen of [0, 200_000]) {
      const job = { config, clusters: 64, dimensions: 32, apart: 40, seen, threads: 1, seconds: 1 }
      const { best, median } = await runOurs<Timing>({ work: 'clusters', job })
      const micro = (seconds: number) => ((seconds / UPDATES) * 1e6).toFixed(1).padStart(6)
      lines.push(`${name.padEnd(14)} after ${String(seen).padStart(6)} ${micro(median)} µs, best ${micro(best)} µs`)
    }
  }
  return lines
}

const folder = mkdtempSync(join(tmpdir(), 'auscult-clusters-'))
try {
  const count = Number(process.argv[2] ?? 5)
  process.stdout.write('An update at 64 clusters × 32 dimensions:\n')
  for (const line of await costs()) process.stdout.write(`  ${line}\n`)
  for (const { set, ours, theirs } of await quality([...Array(count).keys()], folder)) {
    const row = ({ name, purity, ari, nmi, clusters }: typeof ours) =>
      `  ${name.padEnd(26)} purity ${purity.toFixed(3)}  ARI ${ari.toFixed(3)}  NMI ${nmi.toFixed(3)}  ${clusters.toFixed(1)} clusters\n`
    process.stdout.write(`${set}\n${row(ours)}${row(theirs)}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
