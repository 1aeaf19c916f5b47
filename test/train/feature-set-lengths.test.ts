import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inputFormatSchema } from '../../src/ingest/format.ts'
import type { FrontEnd } from '../../src/model/frontends/frontend.ts'
import { paddingMasked } from '../../src/model/frontends/padding.ts'
import { type BatchOptions, FeatureSet } from '../../src/train/feature-set.ts'
import { scanRecordings } from '../../src/train/scan.ts'
import { workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeEach(() => {
  folder = workFolder('lengths')
})
afterEach(() => folder.remove())

const FRAMES = 8
/** Windows of 16 samples as 8 frames of 2 bins. */
const plain: FrontEnd = {
  windowShape: [16],
  items: 1,
  featureShape: [FRAMES, 2, 1],
  transform: (window, out, offset = 0) => out.set(window, offset),
}
const realFrames = (window: Float32Array) => Math.max(1, Math.ceil((window.findLastIndex(x => x !== 0) + 1) / 2))
const masked = paddingMasked(plain, realFrames)
const format = { format: inputFormatSchema.parse({}), windowShape: [16], sampleRate: 1000 }

/** Recordings of these numbers of frames, 8 at most; recording i holds i + 1 throughout, but for its first value. */
async function setOf(lengths: readonly number[], options: { memoryBytes: number; frontEnd?: FrontEnd; cut?: boolean }) {
  const files = lengths.map((frames, i) => {
    const samples = new Float32Array(2 * frames).fill(i + 1)
    samples[0] += 0.5
    return folder.wav(`${String(i).padStart(3, '0')}.wav`, samples)
  })
  const scan = await scanRecordings(files, {
    ...format,
    otherLength: 'pad',
    expectedSeconds: null,
    fragments: { position: 'fixed', per_file: null, hop_seconds: null },
    dropConstant: true,
    seed: 0,
  })
  const recordings = new Map(scan.recordings.map(recording => [recording.path, recording]))
  const portions = scan.recordings.map(({ path, offsets }) => ({ path, from: 0, to: offsets.length }))
  const { memoryBytes, frontEnd = masked, cut = true } = options
  const classOf = (path: string) => files.indexOf(path) % 3
  const set = new FeatureSet({ portions, recordings, frontEnd, format, memoryBytes, classOf, cutPadding: cut })
  const visited: number[] = []
  await set.load(features => visited.push(features.length / 2))
  return { set, visited }
}

async function taken(set: FeatureSet, size: number, options: BatchOptions = {}) {
  const batches: { frames?: number; items: number[][]; labels: number[] }[] = []
  for await (const { items, n, labels, frames } of set.batches(size, options)) {
    const length = items.length / n
    const rows = Array.from({ length: n }, (_, i) => [...items.subarray(i * length, (i + 1) * length)])
    batches.push({ frames, items: rows, labels: [...labels!] })
  }
  return batches
}

const memories = [
  ['in memory', 1e6],
  ['larger than memory', 300],
  ['memory for less than a window', 1],
] as const
const shuffle = { seed: 1, epoch: 1 }

describe.each(memories)('FeatureSet of recordings of different lengths, %s', (_, memoryBytes) => {
  it('cuts batches to their longest item, normalised, with the class of each', async () => {
    const lengths = [1, 8, 3, 2, 7, 5, 4, 6, 2, 1]
    const { set, visited } = await setOf(lengths, { memoryBytes })
    expect(visited).toEqual(lengths)
    set.normalize({ offset: [-1], scale: [2] })
    for (const options of [{}, { shuffle }]) {
      const batches = await taken(set, 3, options)
      expect(batches.map(({ items }) => items.length)).toEqual([3, 3, 3, 1])
      const all = batches.flatMap(({ frames, items, labels }) =>
        items.map((row, i) => ({ frames: frames!, row, label: labels[i], index: Math.round(row[1] / 2 - 2) })),
      )
      expect(all.map(({ index }) => index).sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i))
      for (const { frames, row, label, index } of all) {
        expect([2, 4, 6, 8]).toContain(frames)
        expect(row.slice(1)).toEqual(
          Array.from({ length: 2 * frames - 1 }, (_, k) => (k + 1 < 2 * lengths[index] ? 2 * (index + 2) : 0)),
        )
        expect(label).toBe(index % 3)
      }
    }
    const windows: number[][] = []
    for await (const { features } of set.eachWindow()) windows.push([...features])
    expect(windows.map(row => row.filter(x => x !== 0).length)).toEqual(lengths.map(n => 2 * n))
  })

  it('takes resampled windows as often as it is told, with their class', async () => {
    const { set } = await setOf([1, 8, 3, 2], { memoryBytes })
    const all = (await taken(set, 2, { times: [0, 3, 1, 1], shuffle })).flatMap(({ items, labels }) =>
      items.map((row, i) => [row[1] - 1, labels[i]]),
    )
    expect(all.sort((a, b) => a[0] - b[0])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [2, 2],
      [3, 0],
    ])
  })

  it.each([
    ['without a mask', plain, true],
    ['for a network of one length', masked, false],
  ])('leaves the batches whole %s, labelled all the same', async (_, frontEnd, cut) => {
    const { set } = await setOf([1, 8, 3, 2, 5], { memoryBytes, frontEnd, cut })
    for (const options of [{}, { shuffle }, { times: [1, 0, 2, 1, 1] }]) {
      for (const { frames, items, labels } of await taken(set, 2, options)) {
        expect(frames).toBeUndefined()
        for (const [i, row] of items.entries()) {
          expect(row).toHaveLength(2 * FRAMES)
          expect(labels[i]).toBe((row[0] - 1.5) % 3)
        }
      }
    }
  })
})

describe('FeatureSet of recordings of different lengths', () => {
  it('gives every item once whatever the memory, the same for the same seed and epoch, others for others', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: FRAMES }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 5 }),
        async (lengths, memoryBytes, size) => {
          const { set } = await setOf(lengths, { memoryBytes })
          const first = await taken(set, size, { shuffle })
          const indices = first.flatMap(({ items }) => items.map(row => row[0] - 1.5))
          expect(indices.sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i))
          for (const { items } of first) {
            for (const row of items) expect(row.filter(x => x !== 0)).toHaveLength(2 * lengths[row[0] - 1.5])
          }
          expect(await taken(set, size, { shuffle })).toEqual(first)
        },
      ),
      { numRuns: 25 },
    )
    const { set } = await setOf([1, 8, 3, 2, 7, 5, 4, 6], { memoryBytes: 1e6 })
    const first = await taken(set, 2, { shuffle })
    expect(await taken(set, 2, { shuffle: { seed: 1, epoch: 2 } })).not.toEqual(first)
    expect(await taken(set, 2, { shuffle: { seed: 2, epoch: 1 } })).not.toEqual(first)
  })
})
