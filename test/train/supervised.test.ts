import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config.ts'
import { readBundle } from '../../src/model/bundle.ts'
import { loadScorer } from '../../src/model/bundle-scorer.ts'
import { type TrainConfig, trainConfigSchema } from '../../src/train/config.ts'
import { runTraining } from '../../src/train/train.ts'
import { hum, workFolder } from './recordings.ts'

const PITCHES = { low: 0.2, middle: 0.7, high: 1.8 }
const SAMPLES = 800

let folder: ReturnType<typeof workFolder>
beforeAll(() => {
  folder = workFolder('supervised')
  for (const [name, pitch] of Object.entries(PITCHES)) {
    for (let i = 0; i < 8; i++) folder.wav(`hums/${name}_${i}.wav`, hum(300 + 60 * i, i, pitch))
  }
})
afterAll(() => folder.remove())

function config(architecture: object, changes: object = {}): TrainConfig {
  const raw = {
    output: join(folder.path, 'model'),
    input: { paths: [join(folder.path, 'hums')], other_length: 'pad' },
    front_end: {
      type: 'log-mel',
      sample_rate: 1000,
      window_samples: SAMPLES,
      n_fft: 128,
      hop_length: 128,
      n_mels: 10,
      stack: null,
      mask_padding: true,
    },
    classes: { from: 'name', pattern: '([a-z]+)_\\d+' },
    architecture,
    training: { epochs: 20, batch_size: 6, learning_rate: 0.02 },
    ...changes,
  }
  return checkConfig(raw, trainConfigSchema, 'test')
}

/** A hum at the beginning of a window, and zeros. */
function padded(pitch: number, length: number): Float32Array {
  const window = new Float32Array(SAMPLES)
  window.set(hum(length, 77, pitch))
  return window
}

describe.each([
  ['lstm-classifier', { type: 'lstm-classifier', hidden: [8] }],
  ['id-embedding', { type: 'id-embedding', embedding: 16, scale: 16, margin: 0.2 }],
] as const)('training %s', (type, architecture) => {
  it('gives a bundle that tells classes apart, whatever the length', async () => {
    const { bundleFolder } = await runTraining(config(architecture, { output: join(folder.path, `${type}-classes`) }), {
      checkpoint: false,
    })
    const { manifest } = await readBundle(bundleFolder)
    expect(manifest.classes).toEqual(['high', 'low', 'middle'])
    expect(existsSync(join(bundleFolder, 'report.html'))).toBe(true)
    const pitches = [PITCHES.high, PITCHES.low, PITCHES.middle]
    const lengths = [350, 800]
    for (const engine of ['onnx', 'tfjs'] as const) {
      const scorer = await loadScorer(bundleFolder, { engine, device: 'cpu', threads: 1 })
      const windows = lengths.flatMap(length => pitches.map(pitch => padded(pitch, length)))
      const { probabilities } = await scorer.score(Float32Array.from(windows.flatMap(each => [...each])), 6)
      await scorer.close()
      const called = Array.from({ length: 6 }, (_, i) => {
        const row = [...probabilities!.subarray(3 * i, 3 * i + 3)]
        return row.indexOf(Math.max(...row))
      })
      expect(called).toEqual([0, 1, 2, 0, 1, 2])
    }
  })

  it('resumes to the weights of an unbroken run', async () => {
    const epochs = (count: number) =>
      config(architecture, { output: join(folder.path, type), training: { epochs: count, batch_size: 6 } })
    const expected = (await readBundle((await runTraining(epochs(2))).bundleFolder)).model
    await runTraining(epochs(1))
    const resumed = await runTraining(epochs(2), { resume: true })
    expect(resumed.summary.epochs).toBe(2)
    expect(Buffer.from((await readBundle(resumed.bundleFolder)).model).equals(expected)).toBe(true)
  })
})

describe('normal classes of lstm-classifier', () => {
  it('have low scores, and the others high ones', async () => {
    const normal = config({ type: 'lstm-classifier', hidden: [8], normal: ['low', 'middle'] })
    const { bundleFolder } = await runTraining(normal, { checkpoint: false })
    const scorer = await loadScorer(bundleFolder, { device: 'cpu', threads: 1 })
    const windows = [PITCHES.low, PITCHES.middle, PITCHES.high].flatMap(pitch => [...padded(pitch, 500)])
    const { scores } = await scorer.score(Float32Array.from(windows), 3)
    await scorer.close()
    expect(Math.max(scores[0], scores[1])).toBeLessThan(0.5)
    expect(scores[2]).toBeGreaterThan(1)
  })

  it('are refused before training where there are none of that name', async () => {
    const wrong = config({ type: 'lstm-classifier', normal: ['lo'] })
    await expect(runTraining(wrong)).rejects.toThrow(
      expect.objectContaining({
        code: 'AUSCULT_CONFIG',
        at: 'architecture.normal',
        message: expect.stringContaining('"lo"'),
        remedy: expect.stringContaining('high, low, middle'),
      }),
    )
  })
})
