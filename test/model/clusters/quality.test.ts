import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Comparison, compareAll } from '../../bench/clusters/compare.ts'
import { digits } from '../../bench/clusters/quality.ts'
import { frames } from '../../bench/clusters/recorded.ts'
import { blobs, drifting, type LabelledLatents } from '../../bench/clusters/streams.ts'
import { python, sharedData } from '../../helpers/requires.ts'

/** A shorter form of `npm run bench clusters -- --peers`, which shows the whole table. */
const SEEDS = [0, 1, 2, 3]
const FEW = SEEDS.slice(0, 3)
/** A mean difference over streams is none up to two standard errors, nor below the part of a label in a hundred. */
const isWorse = ({ mean, error }: { mean: number; error: number }) => mean < -Math.max(0.01, 2 * error)

const interpreter = python()
const data = sharedData('frames/timepix') && sharedData()

type Make = (folder: string) => Promise<(seed: number) => LabelledLatents>

function compared(name: string, seeds: readonly number[], make: Make, isOn = interpreter !== undefined) {
  describe.skipIf(!isOn)(`quality beside scikit-learn and River on the same streams: ${name}`, () => {
    let all: Comparison[]
    let folder: string
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'auscult-'))
      all = await compareAll(interpreter!, await make(folder), seeds, folder)
    }, 240_000)
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    it.each(['ari', 'nmi', 'purity'] as const)('is no worse in %s', measure => {
      expect(all).toHaveLength(4)
      const worse = all.filter(({ difference }) => isWorse(difference[measure]))
      expect(worse.map(({ ours, theirs }) => [ours.name, ours[measure], theirs[measure]])).toEqual([])
    })
  })
}

compared('digits', FEW, async folder => {
  const set = await digits(interpreter!, folder)
  return () => set
})
compared('blobs', FEW, async () => seed => blobs(seed, { n: 800 }))
compared('drifting', FEW, async () => seed => drifting(seed, { n: 1500, k: 4 }))
compared(
  'Timepix frames',
  SEEDS,
  async folder => {
    const set = await frames(data!, folder)
    return () => set
  },
  interpreter !== undefined && data !== undefined,
)
