import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config.ts'
import { readBundle } from '../../src/model/bundle.ts'
import { loadScorer } from '../../src/model/bundle-scorer.ts'
import { restoreClusterer } from '../../src/model/clusters/create.ts'
import { createPlacer } from '../../src/model/map/place.ts'
import { createProgress } from '../../src/progress.ts'
import { type TrainConfig, trainConfigSchema } from '../../src/train/config.ts'
import { checkpointPath } from '../../src/train/output.ts'
import { runTraining } from '../../src/train/train.ts'
import { formatTrainSummary } from '../../src/train/train-progress.ts'
import { hum, workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeAll(() => {
  folder = workFolder('train')
  for (let i = 0; i < 10; i++) folder.wav(`normal/${i}.wav`, hum(2000, i))
  folder.wav('normal/short.wav', hum(50, 99))
  folder.wav('with-zeros/good.wav', hum(4000, 1))
  folder.wav('with-zeros/zeros.wav', new Float32Array(2000))
  folder.wav('zeros/zeros.wav', new Float32Array(2000))
})
afterAll(() => folder.remove())

/** A rate at which a few steps go well. */
const DIVERGING = 30

type Loose = Record<string, unknown>
function config(changes: Loose = {}): TrainConfig {
  const raw = {
    output: join(folder.path, 'out', 'model'),
    input: { paths: [join(folder.path, 'normal')] },
    front_end: { type: 'raw', sample_rate: 1000, window_samples: 100 },
    architecture: { type: 'dense-ae', hidden: [16], latent: 2 },
    training: { epochs: 4, batch_size: 16, learning_rate: 0.01 },
    // UMAP would take a third of so small a training.
    map: { method: 'pca' },
    ...changes,
  }
  return checkConfig(raw, trainConfigSchema, 'test')
}
const failure = async (run: Promise<unknown>) => {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error as { code: string; message: string; at: string; remedy: string }
}

describe('runTraining', () => {
  it('writes a bundle that scores, with its report, and says what it did', async () => {
    const { bundleFolder, summary } = await runTraining(config({ map: {} }))
    expect(summary.recordings).toEqual({ train: 7, validation: 1, calibration: 2, dropped: 1, passed_over: {} })
    expect(summary.windows).toEqual({ train: 140, validation: 20, calibration: 40 })
    expect(summary.warnings).toEqual([expect.stringContaining('40 windows of 2 recordings')])
    expect(summary.epochs).toBe(4)
    const bundle = await readBundle(bundleFolder)
    expect(bundle.manifest).toMatchObject({
      training: { files: 7, windows: 140, held_out_files: 3 },
      window: { shape: [100], sample_rate: 1000 },
      input: { format: 'auto' },
    })
    expect(bundle.calibration.count).toBe(40)
    expect(bundle.latents).toHaveLength(140 * bundle.manifest.latent_size)
    expect(summary).toMatchObject({ clusters: expect.any(Number), map: 'umap' })
    expect(summary.threshold).toBeCloseTo(bundle.calibration.quantiles[995], 12)
    const report = readFileSync(join(bundleFolder, 'report.html'), 'utf8')
    expect(report).toContain('short.wav')
    expect(report).toMatch(/<h2>Latents<\/h2>.*aria-label="Map of the items, coloured by cluster"/)
    expect(report).not.toMatch(/(src|href)="(?!data:)/)
    expect(formatTrainSummary(summary)).toContain('7 trained on, 1 for validation, 2 for calibration, 1 left out')

    const scorer = await loadScorer(bundleFolder, { device: 'cpu', threads: 1 })
    const normal = await scorer.score(hum(100, 50), 1)
    const shrill = await scorer.score(hum(100, 50, 1.3), 1)
    await scorer.close()
    expect(shrill.scores[0]).toBeGreaterThan(normal.scores[0])
  })

  it('learns the same weights, clusters and map from the same seed', async () => {
    const model = async (changes: Loose) => {
      const { bundleFolder } = await runTraining(config({ map: {}, ...changes }), { checkpoint: false })
      return readBundle(bundleFolder)
    }
    const first = await model({})
    const again = await model({})
    expect(Buffer.from(again.model).equals(first.model)).toBe(true)
    expect([again.clusters, again.map]).toEqual([first.clusters, first.map])
    expect(Buffer.from((await model({ seed: 1 })).model).equals(first.model)).toBe(false)
  })

  it('keeps clusters and the map of a sample of the training windows, each named by file and offset', async () => {
    const changes = { map: { points: 50, neighbors: 5 }, clusters: { method: 'kmeans', k: 3 } }
    const { bundleFolder, summary } = await runTraining(config(changes), { checkpoint: false })
    expect(summary).toMatchObject({ clusters: 3, map: 'umap' })
    expect(formatTrainSummary(summary)).toContain('latents    3 clusters, mapped by UMAP')
    const bundle = await readBundle(bundleFolder)
    const map = bundle.map!
    expect(map.windows).toHaveLength(47)
    expect(bundle.latents).toHaveLength(47 * 2)
    expect(map.options).toMatchObject({ neighbors: 5 })
    expect(new Set(map.windows).size).toBe(47)
    for (const name of map.windows) expect(name).toMatch(/^\d\.wav@\d+00$|^\d\.wav@0$/)
    const clusterer = restoreClusterer(bundle.clusters?.clusterer)
    const place = createPlacer(map, bundle.latents, 2)
    const scorer = await loadScorer(bundleFolder, { device: 'cpu', threads: 1 })
    for (const i of [0, 20, 46]) {
      const [file, offset] = map.windows[i].split('@')
      const samples = hum(2000, Number(file[0])).subarray(Number(offset), Number(offset) + 100)
      const { scores, latents } = await scorer.score(samples, 1)
      expect(scores[0] / map.scores[i]).toBeCloseTo(1, 2)
      expect(latents[0]).toBeCloseTo(bundle.latents[2 * i], 3)
      expect(clusterer.assign(latents)?.id).toBe(map.clusters[i])
      expect(place(bundle.latents.subarray(2 * i, 2 * i + 2))[0]).toBe(map.places[2 * i])
    }
    await scorer.close()
  })

  it('makes principal components or no map where that is wanted, and says what it cannot make', async () => {
    const pca = await runTraining(config({ map: { method: 'pca' } }), { checkpoint: false })
    expect((await readBundle(pca.bundleFolder)).map).toMatchObject({ method: 'pca', options: null })
    const none = await runTraining(config({ map: { method: 'none', points: 10 } }), { checkpoint: false })
    const bundle = await readBundle(none.bundleFolder)
    expect([bundle.map, bundle.clusters?.config.method]).toEqual([undefined, 'kmeans'])
    expect(none.summary.map).toBeNull()
    expect(readFileSync(join(none.bundleFolder, 'report.html'), 'utf8')).toContain('Clusters of training latents')
    const few = await runTraining(config({ map: { points: 10 } }), { checkpoint: false })
    expect(few.summary).toMatchObject({
      map: 'pca',
      warnings: [expect.any(String), expect.stringMatching(/10 latents/)],
    })
    expect(readFileSync(join(few.bundleFolder, 'report.html'), 'utf8')).toContain('10 latents are too few')
  })

  it('resumes from its checkpoint to the weights of an unbroken run', async () => {
    const unbroken = await runTraining(config())
    const expected = (await readBundle(unbroken.bundleFolder)).model
    const training = { epochs: 2, batch_size: 16, learning_rate: 0.01 }
    await runTraining(config({ training }))
    const resumed = await runTraining(config(), { resume: true })
    expect(resumed.summary.epochs).toBe(4)
    expect(Buffer.from((await readBundle(resumed.bundleFolder)).model).equals(expected)).toBe(true)
  })

  /** Trains until the second epoch has begun. */
  const interrupt = (output: string, resume = false) => {
    const abort = new AbortController()
    const lines: string[] = []
    let isDrawn = false
    const stream = {
      isTTY: true,
      write: (text: string) => {
        lines.push(text)
        if (text.startsWith('epoch 2')) isDrawn = true
        if (isDrawn) abort.abort()
      },
    }
    let time = 0
    const progress = createProgress(stream, () => (time += 1000))
    const training = { epochs: 100_000, batch_size: 16 }
    const long = config({ output, training, architecture: { type: 'dense-ae', hidden: [8], latent: 2 } })
    return runTraining(long, { signal: abort.signal, progress, resume }).then(result => ({ ...result, lines }))
  }

  it('retrains on resampled windows, and shows the deviation in the report', async () => {
    const { bundleFolder, summary } = await runTraining(config({ bootstrap: 2 }), { checkpoint: false })
    const { runs, train_loss, validation_loss } = summary.bootstrap!
    expect(runs).toHaveLength(2)
    expect(runs.every(({ error }) => error === null)).toBe(true)
    expect(runs[0].train_loss).not.toBe(runs[1].train_loss)
    expect(validation_loss?.mean).toBeCloseTo((runs[0].validation_loss! + runs[1].validation_loss!) / 2, 12)
    expect(formatTrainSummary(summary)).toMatch(/bootstrap {2}training loss .* ± .*, validation loss .* ± .* \(2 retr/)
    const report = readFileSync(join(bundleFolder, 'report.html'), 'utf8')
    expect(report).toMatch(/<h2>Bootstrap<\/h2>.*mean ± deviation/)
    expect(train_loss!.deviation).toBeGreaterThan(0)
  })

  it('keeps the last good epoch when the loss diverges, replaces no bundle, and says what to try', async () => {
    const output = join(folder.path, 'diverging', 'model')
    const sgd = (learning_rate: number) => ({
      output,
      training: { epochs: 9, learning_rate, optimizer: { type: 'sgd' } },
    })
    await runTraining(config(sgd(0.001)), { checkpoint: false })
    const before = readFileSync(join(output, 'manifest.json'))
    const { bundleFolder, summary } = await runTraining(config(sgd(DIVERGING)), { checkpoint: false })
    expect(summary).toMatchObject({ ended: 'diverged', untouched: output, bundle: `${output}-interrupted` })
    expect(summary.epochs).toBeGreaterThan(0)
    expect(summary.warnings).toContainEqual(expect.stringMatching(/epoch \d.*are kept.*learning_rate/))
    expect(readFileSync(join(output, 'manifest.json'))).toEqual(before)
    expect(readFileSync(join(bundleFolder, 'report.html'), 'utf8')).toContain('it diverged')
    const scorer = await loadScorer(bundleFolder, { device: 'cpu', threads: 1 })
    expect((await scorer.score(hum(100, 50), 1)).scores[0]).toBeGreaterThan(0)
    await scorer.close()
  })

  it('keeps what it has learned when interrupted', async () => {
    const output = join(folder.path, 'interrupted')
    const { summary, bundleFolder } = await interrupt(output)
    expect(summary).toMatchObject({ ended: 'interrupted', bundle: output, untouched: null })
    expect(summary.epochs).toBeLessThanOrEqual(3)
    await (await loadScorer(bundleFolder, { device: 'cpu', threads: 1 })).close()
  })

  it('leaves a bundle that is there as it is when interrupted, and says where it went', async () => {
    const output = join(folder.path, 'kept')
    await runTraining(config({ output }), { checkpoint: false })
    const before = await readBundle(output)
    const { summary, bundleFolder, lines } = await interrupt(`${output}/`)
    expect(bundleFolder).toBe(`${output}-interrupted`)
    const checkpoint = checkpointPath(output)
    expect(summary).toMatchObject({ ended: 'interrupted', bundle: bundleFolder, untouched: output, checkpoint })
    expect((await readBundle(output)).manifest).toEqual(before.manifest)
    const said = lines.filter(line => line.includes(`${output} was left as it was`))
    expect(said).toEqual([expect.stringContaining('--resume')])
    expect(formatTrainSummary(summary)).toMatch(/kept-interrupted\n[\s\S]*left as it was.*--resume/)
    expect(formatTrainSummary({ ...summary, checkpoint: null })).not.toContain('--resume')
    const again = await interrupt(output, true)
    expect(again.summary).toMatchObject({ bundle: bundleFolder, untouched: output })
    expect(again.summary.epochs).toBeGreaterThan(summary.epochs - 1)
  })

  it('shows labels in the report, and does not train by them', async () => {
    const labels = folder.write(
      'labels.csv',
      `${Array.from({ length: 10 }, (_, i) => `${i}.wav,${i < 5 ? 1 : -1}`).join('\n')}\n`,
    )
    const plain = await runTraining(config(), { checkpoint: false })
    const model = (await readBundle(plain.bundleFolder)).model
    const input = { paths: [join(folder.path, 'normal')], labels }
    const labelled = await runTraining(config({ input, split: { calibration: 0.4 } }), { checkpoint: false })
    expect(labelled.summary.warnings.join()).toContain('labelled anomalous')
    expect(readFileSync(join(labelled.bundleFolder, 'report.html'), 'utf8')).toContain('ROC-AUC')
    const same = await runTraining(config({ input }), { checkpoint: false })
    expect(Buffer.from((await readBundle(same.bundleFolder)).model).equals(model)).toBe(true)
  })

  it('learns frames and stacked spectrograms too', async () => {
    const frames = Float32Array.from({ length: 30 * 64 }, (_, i) => (i % 8) + Math.sin(i))
    folder.write('frames/a.bin', new Uint8Array(frames.buffer))
    const input = { paths: [join(folder.path, 'frames')], format: { format: 'raw' } }
    const conv = { kernel: 4, stride: 2, padding: 1 }
    const images = config({
      output: join(folder.path, 'frames-model'),
      input,
      front_end: { type: 'frame', shape: [8, 8] },
      architecture: { type: 'conv2d-ae', convolutions: [{ filters: 4, ...conv }], latent: 2 },
      training: { epochs: 1, batch_size: 8, loss: 'mae', optimizer: { type: 'sgd' } },
    })
    const { summary } = await runTraining(images, { checkpoint: false })
    expect(summary.warnings.join()).toContain('1 recording')
    const mel = { type: 'log-mel', sample_rate: 1000, window_samples: 500, n_fft: 128, hop_length: 64, n_mels: 16 }
    const stacked = config({
      output: join(folder.path, 'mel-model'),
      front_end: { ...mel, stack: 2 },
      fragments: { position: 'random', per_file: 3 },
    })
    const { bundleFolder } = await runTraining(stacked, { checkpoint: false })
    expect(readFileSync(join(bundleFolder, 'report.html'), 'utf8')).toContain('data:image/png')
  })
})

describe('runTraining on bad input', () => {
  it.each<[string, () => Loose, string, string | RegExp]>([
    ['a missing folder', () => ({ input: { paths: [join(folder.path, 'none')] } }), 'AUSCULT_INPUT_MISSING', /none/],
    [
      'recordings of silence',
      () => ({ input: { paths: [join(folder.path, 'zeros')] } }),
      'AUSCULT_TRAINING',
      /zeros\.wav: constant signal/,
    ],
    [
      'layers that do not fit the window',
      () => ({
        front_end: { type: 'raw', sample_rate: 1000, window_samples: 4 },
        architecture: { type: 'conv1d-ae' },
      }),
      'AUSCULT_SHAPE',
      /nothing is left/,
    ],
    ['bce on numbers beyond 0 to 1', () => ({ training: { loss: 'bce' } }), 'AUSCULT_CONFIG', /sigmoid/],
    [
      'more clusters than there are latents',
      () => ({ clusters: { method: 'gmm', k: 200 } }),
      'AUSCULT_CONFIG',
      /clusters\.k.*200 clusters cannot be found in 140 latents/,
    ],
    [
      'a learning rate that diverges',
      () => ({ training: { learning_rate: 1e30, epochs: 9 } }),
      'AUSCULT_TRAINING',
      /loss became/,
    ],
    [
      'other things where an interrupted run would write',
      () => {
        folder.write('taken/manifest.json', '{}')
        folder.write('taken-interrupted/notes.txt', 'mine')
        return { output: join(folder.path, 'taken') }
      },
      'AUSCULT_CONFIG',
      /taken-interrupted.*no model bundle/,
    ],
    [
      'an output folder with other things',
      () => ({ output: join(folder.path, 'normal') }),
      'AUSCULT_CONFIG',
      /no model bundle/,
    ],
  ])('%s: one message, nothing written', async (_, changes, code, message) => {
    const output = join(folder.path, 'never')
    const error = await failure(runTraining(config({ output, ...changes() })))
    expect(error.code).toBe(code)
    expect(`${error.at} ${error.message}`).toMatch(message)
    expect(error.remedy).toBeTruthy()
    expect(existsSync(output)).toBe(false)
    expect(existsSync(checkpointPath(output))).toBe(false)
  })

  it('NaN samples are found before training, wherever they are', async () => {
    for (let i = 0; i < 6; i++)
      folder.wav(`nan/${i}.wav`, hum(500, i).with(i === 5 ? 321 : 0, i === 5 ? Number.NaN : 0))
    for (let seed = 0; seed < 4; seed++) {
      const changes = { input: { paths: [join(folder.path, 'nan')] }, split: { seed } }
      const error = await failure(runTraining(config({ ...changes, output: join(folder.path, 'never') })))
      expect(error.code).toBe('AUSCULT_NON_FINITE')
      expect(error.at).toContain('5.wav')
    }
  })

  it('says how many files of a folder were passed over, and which', async () => {
    for (let i = 0; i < 4; i++) folder.wav(`notes/${i}.wav`, hum(2000, i))
    for (const name of ['a.md', 'b.md', 'LICENSE']) folder.write(`notes/${name}`, 'x')
    const lines: string[] = []
    const progress = createProgress({ write: text => lines.push(text) })
    const changes = { input: { paths: [join(folder.path, 'notes')] } }
    const { summary } = await runTraining(config(changes), { checkpoint: false, progress })
    expect(summary.recordings.passed_over).toEqual({ '.md': 2, 'no extension': 1 })
    expect(lines).toContain('passed over 3 files (2 .md, 1 no extension)\n')
  })

  it('a silent file among others is left out with a warning', async () => {
    const input = { paths: [join(folder.path, 'with-zeros')] }
    const { summary } = await runTraining(config({ input }), { checkpoint: false })
    expect(summary.warnings.join('\n')).toContain('zeros.wav')
    expect(summary.recordings.dropped).toBe(1)
  })

  it('leaves no temporary files', () => {
    expect(readdirSync(join(folder.path, 'out')).sort()).toEqual(['model', 'model.checkpoint'])
  })
})
