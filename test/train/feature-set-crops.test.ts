import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inputFormatSchema } from '../../src/ingest/format.ts'
import { cropped } from '../../src/model/frontends/crop.ts'
import type { FrontEnd } from '../../src/model/frontends/frontend.ts'
import { FeatureSet } from '../../src/train/feature-set.ts'
import { scanRecordings } from '../../src/train/scan.ts'
import { workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeEach(() => {
  folder = workFolder('crops')
})
afterEach(() => folder.remove())

/** Windows of 20 samples as 10 frames of 2 bins, of which crops of 4 frames are taken: tiles at the frames 0, 3 and 6. */
const image: FrontEnd = {
  windowShape: [20],
  items: 1,
  featureShape: [10, 2, 1],
  transform: (window, out, offset = 0) => out.set(window, offset),
}
const frontEnd = cropped(image, 4)
const format = { format: inputFormatSchema.parse({}), windowShape: [20], sampleRate: 1000 }
const WINDOWS = 6

/** A recording whose samples count up, so that a crop is known by its first value. */
async function counting(memoryBytes: number) {
  const samples = Float32Array.from({ length: 20 * WINDOWS }, (_, i) => i + 1)
  const files = [folder.wav('a.wav', samples)]
  const scan = await scanRecordings(files, {
    ...format,
    otherLength: 'drop',
    expectedSeconds: null,
    fragments: { position: 'fixed', per_file: null, hop_seconds: null },
    dropConstant: true,
    seed: 0,
  })
  const recordings = new Map(scan.recordings.map(recording => [recording.path, recording]))
  const portions = [{ path: files[0], from: 0, to: WINDOWS }]
  const set = new FeatureSet({ portions, recordings, frontEnd, format, memoryBytes })
  const visited: number[] = []
  await set.load(features => visited.push(features.length))
  return { set, visited }
}

/** Window and frame at which each crop begins. */
async function places(set: FeatureSet, shuffle?: { seed: number; epoch: number }) {
  const found: [window: number, frame: number][] = []
  for await (const { items, n } of set.batches(4, { shuffle })) {
    for (let i = 0; i < n; i++) {
      const crop = items.subarray(8 * i, 8 * (i + 1))
      expect([...crop]).toEqual(Array.from({ length: 8 }, (_, k) => crop[0] + k))
      const at = (crop[0] - 1) / 2
      found.push([Math.floor(at / 10), at % 10])
    }
  }
  return found
}

describe.each([
  ['in memory', 1e6],
  ['larger than memory', 400],
])('crops %s', (_, memory) => {
  it('are tiles in the order of the files, as scoring takes them', async () => {
    const { set, visited } = await counting(memory)
    expect([set.windows, set.items, set.itemSize]).toEqual([6, 18, 8])
    expect(visited).toEqual(Array(WINDOWS).fill(20))
    const expected = Array.from({ length: WINDOWS }, (_, window) => [0, 3, 6].map(frame => [window, frame])).flat()
    expect(await places(set)).toEqual(expected)
  })

  it('come from random places while training: as many of each window, others in each epoch, the same from the same seed', async () => {
    const { set } = await counting(memory)
    const first = await places(set, { seed: 1, epoch: 1 })
    const perWindow = Array.from({ length: WINDOWS }, (_, window) => first.filter(([w]) => w === window).length)
    expect(perWindow).toEqual(Array(WINDOWS).fill(3))
    expect(await places(set, { seed: 1, epoch: 1 })).toEqual(first)
    expect(await places(set, { seed: 1, epoch: 2 })).not.toEqual(first)
    const frames = new Set<number>()
    for (let epoch = 1; epoch <= 20; epoch++) {
      for (const [, frame] of await places(set, { seed: 1, epoch })) frames.add(frame)
    }
    expect([...frames].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6])
  })
})
