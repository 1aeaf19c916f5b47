import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inputFormatSchema } from '../../src/ingest/format.ts'
import type { FrontEnd } from '../../src/model/frontends/frontend.ts'
import { FeatureSet } from '../../src/train/feature-set.ts'
import { scanRecordings } from '../../src/train/scan.ts'
import { workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeEach(() => {
  folder = workFolder('features')
})
afterEach(() => folder.remove())

/** Windows of 10 samples, each cut into 2 items of 5. */
const frontEnd: FrontEnd = {
  windowShape: [10],
  items: 2,
  featureShape: [5],
  transform: (window, out, offset = 0) => out.set(window, offset),
}
const format = { format: inputFormatSchema.parse({}), windowShape: [10], sampleRate: 1000 }

/** Recordings whose samples count up, so that each item is known by its first value. */
async function counting(windows: number[], memoryBytes: number) {
  let next = 1
  const files = windows.map((n, i) =>
    folder.wav(
      `${i}.wav`,
      Float32Array.from({ length: 10 * n }, () => next++),
    ),
  )
  const fragments = { position: 'fixed', per_file: null, hop_seconds: null } as const
  const scan = await scanRecordings(files, {
    ...format,
    otherLength: 'drop',
    expectedSeconds: null,
    fragments,
    dropConstant: true,
    seed: 0,
  })
  const portions = scan.recordings.map(({ path, offsets }) => ({ path, from: 0, to: offsets.length }))
  const recordings = new Map(scan.recordings.map(recording => [recording.path, recording]))
  const set = new FeatureSet({ portions, recordings, frontEnd, format, memoryBytes })
  const seen: number[] = []
  await set.load(features => seen.push(features[0]))
  return { set, seen, files }
}
const firsts = async (set: FeatureSet, size: number, options = {}) => {
  const values: number[][] = []
  for await (const { items, n } of set.batches(size, options)) {
    expect(items).toHaveLength(n * 5)
    values.push(Array.from({ length: n }, (_, i) => items[5 * i]))
  }
  return values
}
const expected = (windows: number[]) =>
  Array.from({ length: 2 * windows.reduce((a, b) => a + b, 0) }, (_, i) => 5 * i + 1)

describe.each([
  ['in memory', 1e6],
  ['larger than memory', 400],
  ['memory for less than a window', 1],
])('FeatureSet %s', (_, memory) => {
  it('gives every item once, in order or shuffled, with or without the remainder', async () => {
    const windows = [3, 1, 7, 2]
    const { set, seen } = await counting(windows, memory)
    expect([set.windows, set.items]).toEqual([13, 26])
    expect(seen).toEqual(expected(windows).filter((_, i) => i % 2 === 0))
    expect((await firsts(set, 4)).flat()).toEqual(expected(windows))
    expect((await firsts(set, 4)).map(batch => batch.length)).toEqual([4, 4, 4, 4, 4, 4, 2])
    const shuffled = (await firsts(set, 4, { shuffle: { seed: 1, epoch: 1 } })).flat()
    expect([...shuffled].sort((a, b) => a - b)).toEqual(expected(windows))
    expect(shuffled).not.toEqual(expected(windows))
    expect((await firsts(set, 4, { dropRemainder: true })).flat()).toHaveLength(24)
  })

  it('shuffles by seed and epoch', async () => {
    const { set } = await counting([3, 1, 7, 2], memory)
    const order = async (seed: number, epoch: number) => (await firsts(set, 4, { shuffle: { seed, epoch } })).flat()
    expect(await order(1, 1)).toEqual(await order(1, 1))
    expect(await order(1, 2)).not.toEqual(await order(1, 1))
    expect(await order(2, 1)).not.toEqual(await order(1, 1))
  })

  it('normalises batches and windows, and says where each window lies', async () => {
    const { set, files } = await counting([1, 2], memory)
    set.normalize({ offset: [1], scale: [2] })
    expect((await firsts(set, 100)).flat()).toEqual(expected([1, 2]).map(x => 2 * (x - 1)))
    const places: unknown[] = []
    for await (const { path, offset, features } of set.eachWindow()) places.push([path, offset, features[0]])
    expect(places).toEqual([
      [files[0], 0, 0],
      [files[1], 0, 20],
      [files[1], 10, 40],
    ])
  })
})

describe('FeatureSet', () => {
  it('gives every item once whatever the memory', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 1000 }),
        async (windows, memory) => {
          const { set } = await counting(windows, memory)
          expect((await firsts(set, 3, { shuffle: { seed: 0, epoch: 0 } })).flat().sort((a, b) => a - b)).toEqual(
            expected(windows),
          )
        },
      ),
      { numRuns: 30 },
    )
  })

  it.each([1e6, 3 * 40, 1])('takes each window as often as it is told, in %d bytes', async memoryBytes => {
    const { set } = await counting([3, 4], memoryBytes)
    const times = [0, 2, 1, 0, 0, 3, 1]
    const wanted = times.flatMap((n, window) => Array(n).fill([10 * window + 1, 10 * window + 6])).flat()
    const taken = (await firsts(set, 4, { times, shuffle: { seed: 1, epoch: 1 } })).flat()
    expect(taken.toSorted((a, b) => a - b)).toEqual(wanted.toSorted((a, b) => a - b))
    expect((await firsts(set, 4, { times })).flat()).toEqual(wanted)
  })

  it('names the file whose samples are not finite', async () => {
    const file = folder.wav(
      'bad.wav',
      Float32Array.from({ length: 20 }, (_, i) => (i === 13 ? Number.NaN : i)),
    )
    const recordings = new Map([[file, { path: file, offsets: [0, 10], sampleRate: 1000 }]])
    const set = new FeatureSet({
      portions: [{ path: file, from: 0, to: 2 }],
      recordings,
      frontEnd,
      format,
      memoryBytes: 1e6,
    })
    await expect(set.load(() => {})).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_NON_FINITE', at: expect.stringContaining(file) }),
    )
  })
})
