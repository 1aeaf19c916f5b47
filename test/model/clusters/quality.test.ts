import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Comparison, compareAll } from '../../bench/clusters/compare.ts'
import { digits } from '../../bench/clusters/quality.ts'
import { blobs, drifting } from '../../bench/clusters/streams.ts'
import { python } from '../../helpers/requires.ts'

/** A shorter form of test/bench/clusters.ts, which shows the whole table. */
const SEEDS = [0, 1]
/** Labels of a few hundred latents are no finer than this. */
const NOISE = 0.03

const interpreter = python()

describe.skipIf(!interpreter)('quality beside scikit-learn and River on the same streams', () => {
  let all: Comparison[]
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'auscult-'))
    const written = await digits(interpreter!, folder)
    const sets = [
      () => written,
      (seed: number) => blobs(seed, { n: 800 }),
      (seed: number) => drifting(seed, { n: 1500, k: 4 }),
    ]
    all = []
    for (const make of sets) all.push(...(await compareAll(interpreter!, make, SEEDS, folder)))
  }, 240_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is no worse in ARI and NMI', () => {
    const worse = all.filter(({ ours, theirs }) => ours.ari < theirs.ari - NOISE || ours.nmi < theirs.nmi - NOISE)
    expect(worse).toEqual([])
    expect(all).toHaveLength(12)
  })

  it('is no worse in purity where there are as many clusters', () => {
    const alike = all.filter(({ ours, theirs }) => ours.clusters >= theirs.clusters)
    expect(alike.filter(({ ours, theirs }) => ours.purity < theirs.purity - NOISE)).toEqual([])
    expect(alike.length).toBeGreaterThan(8)
  })
})
