import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { checkConfig } from '../../../src/config.ts'
import { createDaemon } from '../../../src/daemon.ts'
import { daemonConfigSchema } from '../../../src/daemon-config.ts'
import { encodeNpy } from '../../../src/ingest/npy-encode.ts'
import { encodeWav } from '../../../src/ingest/wav-encode.ts'
import { createLogger } from '../../../src/logger.ts'
import { readBundle } from '../../../src/model/bundle.ts'
import { loadScorer } from '../../../src/model/bundle-scorer.ts'
import { draftManifest } from '../../../src/model/foreign/draft.ts'
import { inspectModel } from '../../../src/model/foreign/inspect.ts'
import { readForeignModel } from '../../../src/model/foreign/read.ts'
import { type FrontEndConfig, frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../../src/model/frontends/create.ts'
import { seeded } from '../../../src/random.ts'
import { calibrateModel } from '../../../src/train/foreign/calibrate-model.ts'
import { python } from '../../helpers/requires.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { until } from '../../helpers/until.ts'
import { hum } from '../recordings.ts'
import { exportModels, type TorchAnswer } from './torch-models.ts'

const interpreter = python('torch', 'onnxscript', 'keras')
const logger = createLogger('silent')

const MEL = { type: 'log-mel', sample_rate: 8000, window_samples: 4096, n_fft: 512, hop_length: 256, n_mels: 32 }
const STACKS = { ...MEL, stack: 5 }
// 16 frames of 32 bands.
const WHOLE = { ...MEL, window_samples: 3840 }
const FRAMES = { type: 'frame', shape: [16, 20] }

const STANDARD = { normalization: { offset: -30, scale: 0.05 } }
const BY_40 = { normalization: { offset: 0, scale: 1 / 40 } }
const Y = { outputs: { reconstruction: 'y' } }

const windowOf = (samples: number, i: number) => hum(samples, i, 0.05 + 0.01 * i)
const frameOf = (i: number) => {
  const random = seeded(i)
  return Float32Array.from({ length: 320 }, () => random.uniform())
}
const inputs = {
  stacks: { frontEnd: STACKS, windows: [0, 1, 2, 3, 4, 5].map(i => windowOf(4096, i)) },
  mel: { frontEnd: WHOLE, windows: [0, 1, 2, 3, 4, 5].map(i => windowOf(3840, i)) },
  frames: { frontEnd: FRAMES, windows: [0, 1, 2, 3, 4, 5].map(frameOf) },
}
type Kind = keyof typeof inputs

interface Case {
  model: string
  kind: Kind
  manifest: object
  latent?: string
  tolerance?: number
  oneByOne?: boolean
}

const LAYOUT = { input: { layout: 'batch channels bins frames' } }
const cases: Case[] = [
  { model: 'dense-script', kind: 'stacks', manifest: { ...STANDARD, ...Y } },
  {
    model: 'dense-dynamo',
    kind: 'stacks',
    manifest: { ...STANDARD, outputs: { reconstruction: 'y', latent: 'relu_1' } },
    latent: 'relu_1',
  },
  { model: 'dense-one', kind: 'stacks', manifest: { ...STANDARD, ...Y }, oneByOne: true },
  {
    model: 'dense-score',
    kind: 'stacks',
    manifest: { ...STANDARD, outputs: { reconstruction: 'features', latent: 'latent', score: 'anomaly' } },
    latent: 'latent',
  },
  { model: 'dense-double', kind: 'stacks', manifest: { ...STANDARD, ...Y } },
  // PyTorch rounds to float16 after each layer, ONNX Runtime where it likes.
  { model: 'dense-half', kind: 'stacks', manifest: { ...STANDARD, ...Y }, tolerance: 5e-3 },
  { model: 'mel-script', kind: 'mel', manifest: { ...BY_40, ...Y } },
  {
    model: 'mel-dynamo',
    kind: 'mel',
    manifest: { ...BY_40, ...LAYOUT, outputs: { reconstruction: 'y', latent: 'linear' } },
    latent: 'linear',
  },
  { model: 'frames-script', kind: 'frames', manifest: Y },
  {
    model: 'frames-dynamo',
    kind: 'frames',
    manifest: { outputs: { reconstruction: 'y', latent: 'linear' } },
    latent: 'linear',
  },
  { model: 'frames-one', kind: 'frames', manifest: Y, oneByOne: true },
  {
    model: 'recurrent',
    kind: 'mel',
    manifest: { ...BY_40, input: { layout: 'frames batch bins' }, outputs: { reconstruction: 'y', latent: 'h' } },
    latent: 'h',
  },
]

describe.skipIf(!interpreter)('autoencoders made elsewhere', () => {
  const { folder } = temporaryFolder()
  let answers: Record<string, TorchAnswer>
  const onnx = (name: string) => join(folder, `${name}.onnx`)
  const recordings = (kind: Kind) => join(folder, kind)

  beforeAll(() => {
    const checked = Object.entries(inputs).map(([name, { frontEnd, windows }]) => [
      name,
      { frontEnd: checkConfig(frontEnd, frontEndSchema, name) as FrontEndConfig, windows },
    ])
    answers = exportModels(interpreter!, folder, Object.fromEntries(checked))
    for (const [kind, { windows }] of Object.entries(inputs)) {
      mkdirSync(join(folder, kind))
      windows.forEach((window, i) => {
        const bytes = kind === 'frames' ? encodeNpy(window, [1, 16, 20]) : encodeWav(window, 8000, 'float32')
        writeFileSync(join(folder, kind, kind === 'frames' ? `${i}.npy` : `${i}.wav`), bytes)
      })
    }
  }, 240_000)

  const manifestOf = (model: string, kind: Kind, content: object) => {
    const path = join(folder, `${model}.yaml`)
    writeFileSync(path, stringify({ front_end: inputs[kind].frontEnd, ...content }))
    return path
  }

  /** Scores the six windows with a bundle. */
  async function scored(bundle: string, kind: Kind) {
    const scorer = await loadScorer(bundle, { device: 'cpu', threads: 1 })
    const { windows } = inputs[kind]
    const size = windows[0].length
    const all = new Float32Array(6 * size)
    windows.forEach((window, i) => {
      all.set(window, i * size)
    })
    return scorer.score(all, 6).finally(() => scorer.close())
  }

  /** The mean over the items of each window. */
  const means = (values: readonly number[]): number[] => {
    const items = values.length / 6
    const sums = Array<number>(6).fill(0)
    values.forEach((value, i) => {
      sums[Math.floor(i / items)] += value / items
    })
    return sums
  }

  async function expectSame(model: string, kind: Kind, latent: string | null, tolerance: number) {
    const { scores, latents, latentSize } = await scored(join(folder, `${model}-bundle`), kind)
    const expected = answers[model]
    means(expected.scores).forEach((wanted, i) => {
      expect(Math.abs(scores[i] - wanted) / wanted).toBeLessThanOrEqual(tolerance)
    })
    if (latent === null) return
    expect(latentSize).toBe(expected.latents[0].length)
    for (let k = 0; k < latentSize; k++) {
      means(expected.latents.map(row => row[k])).forEach((wanted, i) => {
        expect(latents[i * latentSize + k]).toBeCloseTo(wanted, 4)
      })
    }
  }

  it.each(cases)(
    '$model scores as there',
    async ({ model, kind, manifest, latent = null, tolerance = 1e-5, oneByOne = false }) => {
      manifestOf(model, kind, manifest)
      const summary = await calibrateModel({ model: onnx(model), paths: [recordings(kind)] })
      expect(summary).toMatchObject({ bundle: join(folder, `${model}-bundle`), windows: 6, one_by_one: oneByOne })
      expect(summary.latent.name).toBe(latent)
      await expectSame(model, kind, latent, tolerance)
    },
  )

  it('of Keras too, whose values the draft of a manifest names', async () => {
    const facts = await inspectModel(await readForeignModel(onnx('keras')))
    expect(facts.latents[0].size).toBe(6)
    const draft = parse(draftManifest(facts))
    expect(draft.outputs).toEqual({ reconstruction: facts.reconstruction, score: null, latent: facts.latents[0].name })
    manifestOf('keras', 'frames', { outputs: draft.outputs })
    const summary = await calibrateModel({ model: onnx('keras'), paths: [recordings('frames')] })
    expect(summary.layout).toMatch(/^batch height width (channels|1)$/)
    await expectSame('keras', 'frames', draft.outputs.latent, 1e-5)
  })

  it('is reconstructed in our order of axes', async () => {
    const { items, featureShape } = createFrontEnd(checkConfig(WHOLE, frontEndSchema, ''))
    expect([items, ...featureShape]).toEqual([1, 16, 32, 1])
    const scorer = await loadScorer(join(folder, 'mel-dynamo-bundle'), { device: 'cpu', threads: 1 })
    const { features, reconstruction } = await scorer.reconstruct(inputs.mel.windows[0], 1)
    await scorer.close()
    const error = features.reduce((sum, value, i) => sum + ((value - reconstruction[i]) / 40) ** 2, 0) / features.length
    expect(error).toBeCloseTo(answers['mel-dynamo'].scores[0], 5)
  })

  it.each([
    ['four', /batches of 4 only/, /dynamic/],
    ['two', /wants 2 inputs: x, scale/, /alone/],
    ['dropout', /draws random numbers|mixes the items/, /model\.eval\(\)/],
  ])('%s is refused', async (model, message, remedy) => {
    manifestOf(model, 'stacks', { ...STANDARD, ...Y })
    const error = await calibrateModel({ model: onnx(model), paths: [recordings('stacks')] }).catch(error => error)
    expect(error).toMatchObject({ code: 'AUSCULT_BUNDLE', message: expect.stringMatching(message) })
    expect(error.remedy).toMatch(remedy)
  })

  it('runs in the daemon as `model:`, and is refused once it has changed', async () => {
    const config = checkConfig(
      {
        model: onnx('dense-dynamo'),
        sources: { machine: { type: 'files', path: recordings('stacks'), speed: 0, loop: false } },
        window: { overlap: 0 },
        scorer: { device: 'cpu' },
        http: { port: 0 },
        store: { path: null },
      },
      daemonConfigSchema,
      'run',
    )
    const daemon = createDaemon(config, { logger })
    await daemon.start()
    try {
      const status = async () => (await fetch(`${daemon.address}/v1/sources`)).json()
      const scored = async () => JSON.stringify(await status()).includes('"scored":6')
      await until(scored, 20_000)
    } finally {
      await daemon.stop()
    }
    expect((await readBundle(join(folder, 'dense-dynamo-bundle'))).manifest.foreign).toMatchObject({
      model: 'dense-dynamo.onnx',
      weights: ['dense-dynamo.onnx.data'],
    })
    manifestOf('dense-dynamo', 'stacks', { ...STANDARD, ...Y, loss: 'mae' })
    await expect(createDaemon(config, { logger }).start()).rejects.toMatchObject({
      code: 'AUSCULT_BUNDLE',
      message: expect.stringContaining('changed since'),
      remedy: expect.stringContaining('auscult calibrate'),
    })
  })
})
