import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentProgress } from '../../src/progress.ts'
import { trainConfigSchema } from '../../src/train/config.ts'
import { checkTrainConfig, prepareData } from '../../src/train/prepare.ts'
import { checkClasses } from '../../src/train/prepare-classes.ts'
import { splitRecordings } from '../../src/train/split.ts'
import { sharedData } from '../helpers/requires.ts'
import { hum, workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeEach(() => {
  folder = workFolder('classes')
})
afterEach(() => folder.remove())

const configOf = (paths: string[], raw: { classes?: object; [other: string]: unknown }) =>
  trainConfigSchema.parse({
    output: `${folder.path}/model`,
    front_end: { type: 'log-mel', sample_rate: 1000, n_fft: 64, hop_length: 32, n_mels: 8, mask_padding: true },
    ...raw,
    input: { paths, other_length: 'pad', ...(raw.input as object) },
  })
/** Recordings of 0.3 to 1 s in folders of these names. */
const record = (counts: Record<string, number>) => {
  for (const [name, n] of Object.entries(counts)) {
    for (let i = 0; i < n; i++) folder.wav(`${name}/${i}.wav`, hum(300 + ((i * 177) % 700), i, 0.1 + name.length / 50))
  }
}
const prepare = (raw: { classes?: object; [other: string]: unknown }) =>
  prepareData(configOf([folder.path], raw), silentProgress)

describe('checkClasses', () => {
  it('asks for classes where a network needs them, and refuses them where it does not', () => {
    expect(() => checkClasses('dense-ae', undefined)).not.toThrow()
    const { classes } = configOf(['x'], { classes: { from: 'folder' } })
    expect(() => checkClasses('lstm-classifier', classes)).not.toThrow()
    expect(() => checkClasses('id-embedding', undefined)).toThrow(
      expect.objectContaining({
        code: 'AUSCULT_CONFIG',
        at: 'classes',
        remedy: expect.stringContaining('classes: { from: folder }'),
      }),
    )
    expect(() => checkTrainConfig(configOf(['x'], { classes: { from: 'folder' } }))).toThrow(
      expect.objectContaining({ code: 'AUSCULT_CONFIG', at: 'classes', message: 'dense-ae learns without classes' }),
    )
  })
})

describe('prepareData with classes', () => {
  const classes = { from: 'folder', weights: 'balanced' }

  it('splits within each class, and gives weights and the class of each item', async () => {
    record({ a: 20, bb: 10 })
    const data = await prepare({ classes })
    expect(data.classes).toMatchObject({ names: ['a', 'bb'], weights: [21 / 28, 21 / 14] })
    expect(data.split.validation.map(({ path }) => data.classes!.of(path))).toEqual([0, 0, 1])
    const counts = [0, 0]
    for await (const { labels, n } of data.train.batches(4, { shuffle: { seed: 0, epoch: 1 } })) {
      expect(labels).toHaveLength(n)
      for (const label of labels!) counts[label]++
    }
    expect(counts).toEqual([14, 7])
  })

  it('leaves out what is mapped to null, and says so', async () => {
    record({ a: 4, b: 3, c: 2 })
    const data = await prepare({ classes: { from: 'folder', map: { c: null, b: 'bee' } } })
    expect(data.classes).toMatchObject({ names: ['a', 'bee'], weights: [1, 1] })
    expect(data.scan.dropped).toEqual(
      [0, 1].map(i => ({ path: `${folder.path}/c/${i}.wav`, reason: 'of class c, which classes.map leaves out' })),
    )
    expect(data.recordings.size).toBe(7)
  })

  it('warns of classes that do not validate, and refuses one of a single recording', async () => {
    record({ a: 4, b: 2 })
    const data = await prepare({ classes })
    expect(data.warnings).toContain('only two recordings are of class b: none of them validates')
    record({ c: 1 })
    await expect(prepare({ classes })).rejects.toThrow('a single recording is of class "c"')
  })

  it('leaves the split and the checkpoint of other networks as they are', async () => {
    record({ a: 6, b: 6 })
    const [plain, classed] = [await prepare({}), await prepare({ classes })]
    expect(plain.classes).toBeNull()
    const counted = plain.scan.recordings.map(({ path, offsets }) => ({ path, windows: offsets.length }))
    expect(plain.split).toEqual(splitRecordings(counted, { validation: 0.1, calibration: 0.2, seed: 0 }))
    expect(classed.split).not.toEqual(plain.split)
    for await (const batch of plain.train.batches(4)) expect(Object.keys(batch)).toEqual(['items', 'n'])
    expect(classed.configHash).not.toBe(plain.configHash)
    const other = await prepare({ classes: { from: 'folder', map: { a: 'z' } } })
    expect(other.configHash).not.toBe(classed.configHash)
  })

  it('counts no padding in the normalisation', async () => {
    record({ a: 6, b: 6 })
    const { normalization, train, frontEnd } = await prepare({ classes })
    const bins = frontEnd.featureShape[1]
    const sums = new Float64Array(bins)
    const squares = new Float64Array(bins)
    let rows = 0
    for await (const { features } of train.eachWindow()) {
      for (let at = 0; at < features.length; at += bins) {
        const row = features.subarray(at, at + bins)
        if (row.every(value => value === 0)) continue
        rows++
        for (const [bin, value] of row.entries()) {
          sums[bin] += value
          squares[bin] += value * value
        }
      }
    }
    expect(rows).toBeLessThan((train.windows * frontEnd.featureShape[0]) / 1.2)
    for (let bin = 0; bin < bins; bin++) {
      expect(sums[bin] / rows).toBeCloseTo(0, 4)
      expect(squares[bin] / rows).toBeCloseTo(1, 4)
    }
    expect(normalization.offset).toHaveLength(bins)
  })
})

const speech = sharedData('audio/speech')

describe.skipIf(!speech)('spoken digits', () => {
  it('are ten classes by their names', async () => {
    const config = trainConfigSchema.parse({
      input: { paths: [speech], other_length: 'pad' },
      front_end: { type: 'log-mel', sample_rate: 8000, n_fft: 256, hop_length: 256, n_mels: 20, mask_padding: true },
      classes: { from: 'name', pattern: '^.*/(\\d)_' },
    })
    const data = await prepareData(config, silentProgress)
    expect(data.classes!.names).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    const counts = [data.split.train, data.split.validation, data.split.calibration].map(part =>
      data.classes!.names.map((_, index) => part.filter(({ path }) => data.classes!.of(path) === index).length),
    )
    expect(counts).toEqual([Array(10).fill(35), Array(10).fill(5), Array(10).fill(10)])
  })
})
