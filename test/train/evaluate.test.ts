import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config.ts'
import { openRecording } from '../../src/ingest/decode.ts'
import { readBundle } from '../../src/model/bundle.ts'
import { loadScorer } from '../../src/model/bundle-scorer.ts'
import { trainConfigSchema } from '../../src/train/config.ts'
import { evaluateBundle } from '../../src/train/evaluate.ts'
import { formatEvaluation } from '../../src/train/format-evaluation.ts'
import { reconstructRecordings } from '../../src/train/reconstruct.ts'
import { runTraining } from '../../src/train/train.ts'
import { hum, workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
let raw: string
let mel: string
let labels: string
const train = async (name: string, front_end: object) => {
  const raw = {
    output: join(folder.path, name),
    input: { paths: [join(folder.path, 'normal')] },
    front_end: { sample_rate: 1000, ...front_end },
    architecture: { type: 'dense-ae', hidden: [32], latent: 4, batch_norm: false },
    training: { epochs: 60, batch_size: 16, learning_rate: 0.01 },
  }
  return (await runTraining(checkConfig(raw, trainConfigSchema, name), { checkpoint: false })).bundleFolder
}

beforeAll(async () => {
  folder = workFolder('evaluate')
  for (let i = 0; i < 10; i++) folder.wav(`normal/${i}.wav`, hum(2000, i))
  for (let i = 0; i < 3; i++) folder.wav(`test/ok${i}.wav`, hum(450, 20 + i))
  for (let i = 0; i < 3; i++)
    folder.wav(
      `test/bad${i}.wav`,
      hum(450, 30 + i, 1.3).map(x => 2 * x),
    )
  folder.wav('test/short.wav', hum(50, 1))
  folder.wav('elsewhere/silent.wav', new Float32Array(300))
  labels = folder.write(
    'test/labels.csv',
    'file,label\nok0.wav,1\nok1.wav,1\nok2.wav,normal\nbad0.wav,-1\nbad1.wav,-1\n',
  )
  raw = await train('raw', { type: 'raw', window_samples: 100 })
  mel = await train('mel', { type: 'log-mel', window_samples: 400, n_fft: 128, hop_length: 64, n_mels: 16, stack: 2 })
})
afterAll(() => folder.remove())

describe('evaluateBundle', () => {
  const paths = () => [join(folder.path, 'test')]

  it('says what each precision costs and gains, and what the training report says of it', async () => {
    const report = join(folder.path, 'precisions.html')
    const result = await evaluateBundle({ bundle: mel, paths: paths(), labels, comparePrecisions: true, report })
    const costs = result.precisions!
    expect(costs.map(({ precision }) => precision)).toEqual(['fp32', 'fp16', 'int8'])
    const [exact, ...reduced] = costs
    expect(exact).toMatchObject({ roc_auc: result.roc_auc, largest_difference: 0, judged_otherwise: 0, accepted: true })
    for (const cost of reduced) {
      expect(cost).toMatchObject({ unavailable: null, device: 'cpu', accepted: true })
      expect(cost.median_difference).toBeGreaterThan(0)
      expect(cost.median_difference).toBeLessThanOrEqual(cost.largest_difference!)
      expect(cost.model_bytes).toBeLessThan(exact.model_bytes!)
    }
    for (const { speed } of costs) {
      expect(speed!.map(({ batch }) => batch)).toEqual([1, 512])
      expect(speed!.every(({ items_per_second }) => items_per_second > 0)).toBe(true)
    }
    const text = formatEvaluation(result)
    expect(text).toMatch(/^ {2}int8 +cpu +\d+ kB +\d\.\d{4} .*takes it$/m)
    expect(readFileSync(report, 'utf8')).toContain('<h2>Precision</h2>')
    expect(readFileSync(join(mel, 'report.html'), 'utf8')).toContain('<th>Median difference</th>')
    expect((await readBundle(mel)).ranges?.windows).toBeGreaterThan(0)
    expect((await evaluateBundle({ bundle: mel, paths: paths() })).precisions).toBeNull()
  })

  it('measures recordings against their labels', async () => {
    const result = await evaluateBundle({ bundle: raw, paths: paths(), labels })
    expect(result).toMatchObject({
      recordings: 6,
      windows: 24,
      normal: 3,
      anomalous: 2,
      unlabelled: 1,
      roc_auc: 1,
      partial_roc_auc: 1,
      average_precision: 1,
      confusion: { true_positive: 2, false_negative: 0 },
    })
    expect(result.left_out).toEqual([expect.objectContaining({ path: join(folder.path, 'test', 'short.wav') })])
    const flagged = result.flagged.filter(({ truth }) => truth !== 1).map(({ file }) => file)
    expect(flagged.sort()).toEqual([0, 1, 2].map(i => join(folder.path, 'test', `bad${i}.wav`)))
    expect(result.flagged.every(({ label, score }) => label === -1 && score > result.threshold.value)).toBe(true)
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
  })

  it('scores a recording by the mean or the maximum of its windows', async () => {
    const windows = await evaluateBundle({ bundle: raw, paths: paths(), labels, per: 'window' })
    expect(windows.scores.slice(0, 5).map(({ at }) => at)).toEqual([0, 0.1, 0.2, 0.3, 0])
    expect([windows.normal, windows.anomalous, windows.unlabelled]).toEqual([12, 8, 4])
    const first = windows.scores.slice(0, 4).map(({ score }) => score)
    const mean = await evaluateBundle({ bundle: raw, paths: paths() })
    const max = await evaluateBundle({ bundle: raw, paths: paths(), aggregate: 'max' })
    expect(mean.scores[0].score).toBeCloseTo(first.reduce((a, b) => a + b) / 4, 6)
    expect(max.scores[0].score).toBeCloseTo(Math.max(...first), 6)
    expect(mean).toMatchObject({ roc_auc: null, confusion: null, unlabelled: 6 })
  })

  it('takes overlapping windows, another policy, and the recordings that the labels name', async () => {
    const overlapping = await evaluateBundle({ bundle: raw, paths: paths(), per: 'window', hopSeconds: 0.05 })
    expect(overlapping.windows).toBe(48)
    const all = await evaluateBundle({ bundle: raw, labels, threshold: { policy: 'value', value: 1e-9 } })
    expect(all.recordings).toBe(5)
    expect(all.flagged).toHaveLength(5)
    expect(all.confusion).toEqual({ true_positive: 2, false_positive: 3, true_negative: 0, false_negative: 0 })
  })

  it('compares bundles by the same recordings, machine by machine', async () => {
    const report = join(folder.path, 'compared.html')
    const options = { paths: paths(), labels, machine: '[0-9](?=\\.wav)' }
    const result = await evaluateBundle({ ...options, bundle: raw, compare: [mel, raw], report })
    const alone = await evaluateBundle({ ...options, bundle: mel })
    expect(result.compared.map(({ bundle }) => bundle)).toEqual([mel, raw])
    const [other, same] = result.compared
    for (const key of ['roc_auc', 'intervals', 'classification', 'machines', 'threshold'] as const)
      expect(other[key], key).toEqual(alone[key])
    expect(same.difference!.roc_auc).toEqual({ low: 0, high: 0 })
    expect(result.machines!.machines.map(own => [own.machine, own.roc_auc])).toEqual([
      ['0', 1],
      ['1', 1],
      ['2', null],
    ])
    expect(formatEvaluation(result)).toMatch(/^machines +mean ROC-AUC 1\.0000/m)
    expect(readFileSync(report, 'utf8')).toContain('<h2>Bundles side by side</h2>')
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
    await expect(evaluateBundle({ ...options, bundle: raw, machine: 'zz' })).rejects.toMatchObject({
      code: 'AUSCULT_USAGE',
    })
  })

  it('scores a silent recording rather than leaving it out', async () => {
    const result = await evaluateBundle({ bundle: raw, paths: [join(folder.path, 'elsewhere')] })
    expect(result.recordings).toBe(1)
    expect(formatEvaluation(result)).toContain('1 recording, 3 windows')
  })

  it('prints metrics and each flagged recording', async () => {
    const text = formatEvaluation(await evaluateBundle({ bundle: raw, paths: paths(), labels }))
    expect(text).toContain('ROC-AUC            1.0000')
    expect(text).toMatch(/ -1 {2}[\d.e-]+ +.*bad0\.wav {2}\(anomalous\)/)
    expect(text).toContain('short.wav: 0.05 s long')
  })

  it('counts the files of a folder that it passed over', async () => {
    folder.wav('notes/a.wav', hum(200, 1))
    folder.write('notes/a.md', 'x')
    const labels = folder.write('notes/labels.csv', 'a.wav,1\n')
    const result = await evaluateBundle({ bundle: raw, paths: [join(folder.path, 'notes')], labels })
    expect(result).toMatchObject({ recordings: 1, passed_over: { '.md': 1 } })
    expect(formatEvaluation(result)).toMatch(/^passed over +1 file \(1 \.md\)$/m)
  })

  it('prints where a flagged window lies, in seconds or as a frame', async () => {
    const policy = { policy: 'value', value: 1e-9 } as const
    const windows = await evaluateBundle({ bundle: raw, paths: paths(), per: 'window', threshold: policy })
    expect(formatEvaluation(windows)).toMatch(/ok0\.wav at 0\.3 s$/m)
    const [first] = windows.flagged
    expect(formatEvaluation({ ...windows, unit: 'frame', flagged: [{ ...first, at: 17 }] })).toMatch(/ frame 17$/m)
    const files = await evaluateBundle({ bundle: raw, paths: paths(), threshold: policy })
    expect(formatEvaluation(files)).toMatch(/ok0\.wav$/m)
  })

  it.each<[string, () => object, string]>([
    ['an absent recording in the labels', () => ({ labels: folder.write('l.csv', 'ghost.wav,1\n') }), 'AUSCULT_LABELS'],
    [
      'labels of absent recordings without paths',
      () => ({ paths: [], labels: folder.write('l.csv', 'ghost.wav,1\n') }),
      'AUSCULT_LABELS',
    ],
    ['nothing to evaluate', () => ({ paths: [] }), 'AUSCULT_USAGE'],
    ['a missing folder', () => ({ paths: [join(folder.path, 'none')] }), 'AUSCULT_INPUT_MISSING'],
    [
      'only recordings that are too short',
      () => ({ paths: [join(folder.path, 'test/short.wav')] }),
      'AUSCULT_INPUT_SHAPE',
    ],
    ['no bundle', () => ({ bundle: join(folder.path, 'normal') }), 'AUSCULT_BUNDLE'],
  ])('refuses %s', async (_, changes, code) => {
    await expect(evaluateBundle({ bundle: raw, paths: paths(), ...changes() })).rejects.toThrow(
      expect.objectContaining({ code }),
    )
  })

  it('refuses a bundle with a changed byte', async () => {
    const copy = await train('damaged', { type: 'raw', window_samples: 100 })
    const model = Buffer.from((await readBundle(copy)).model)
    model[model.length >> 1] ^= 1
    writeFileSync(join(copy, 'model.onnx'), model)
    await expect(evaluateBundle({ bundle: copy, paths: paths() })).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_BUNDLE', at: join(copy, 'model.onnx') }),
    )
  })
})

describe('reconstructRecordings', () => {
  it('writes a wav as long as the recording, window by window what the network makes of it', async () => {
    const source = join(folder.path, 'test', 'ok0.wav')
    const out = join(folder.path, 'out', 'wavs')
    const [file] = await reconstructRecordings({ bundle: raw, paths: [source], out })
    expect(file).toBe(join(out, 'ok0.wav'))
    const recording = await openRecording(file)
    if (recording.kind !== 'audio') throw new Error('no sound')
    expect([recording.length, recording.sampleRate]).toEqual([450, 1000])
    const scorer = await loadScorer(raw, { device: 'cpu', threads: 1 })
    const { reconstruction } = await scorer.reconstruct(hum(450, 20).slice(100, 200), 1)
    await scorer.close()
    recording.read(100, 100).forEach((x, i) => {
      expect(x).toBeCloseTo(reconstruction[i], 5)
    })
    const error = hum(450, 20).reduce((sum, x, i) => sum + (x - recording.read(i, 1)[0]) ** 2, 0) / 450
    expect(error).toBeLessThan(0.08)
  })

  it('writes features as arrays of windows and items', async () => {
    const paths = [join(folder.path, 'test', 'ok0.wav'), join(folder.path, 'test', 'bad0.wav')]
    const files = await reconstructRecordings({ bundle: mel, paths, out: join(folder.path, 'out', 'features') })
    expect(files).toHaveLength(2)
    const { manifest } = await readBundle(mel)
    const recording = await openRecording(files[0], { shape: [manifest.items, 32] })
    if (recording.kind !== 'array') throw new Error('no array')
    expect([recording.count, ...recording.shape]).toEqual([1, manifest.items, 32])
  })

  it('keeps recordings of one name apart', async () => {
    const twin = folder.wav('twin/ok0.wav', hum(200, 3))
    const paths = [join(folder.path, 'test', 'ok0.wav'), twin]
    const out = join(folder.path, 'out', 'twins')
    const files = await reconstructRecordings({ bundle: raw, paths, out })
    expect(files).toEqual([join(out, 'ok0.wav'), join(out, 'ok0-2.wav')])
  })

  it('refuses frames for a model of sound, and no recordings', async () => {
    const frames = folder.write('x.npy', 'no numbers')
    const out = join(folder.path, 'out', 'none')
    await expect(reconstructRecordings({ bundle: raw, paths: [frames], out })).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_INPUT_SHAPE' }),
    )
    await expect(reconstructRecordings({ bundle: raw, paths: [], out })).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_USAGE' }),
    )
  })
})
