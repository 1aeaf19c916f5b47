import { describe, expect, it } from 'vitest'
import type { Bundle } from '../../../src/model/bundle.ts'
import { readBundle } from '../../../src/model/bundle.ts'
import { createScorer, loadScorer } from '../../../src/model/bundle-scorer.ts'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { createTfjsSession } from '../../../src/model/engines/tfjs.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import { decodeModel, encodeModel } from '../../../src/model/onnx/model.ts'
import { scoringGraph } from '../../../src/model/scoring-graph.ts'
import { SMALL } from '../../helpers/architectures.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { tinyWindows, writeTinyBundle } from '../../helpers/tiny-bundle.ts'
import { relativeDifference } from '../../helpers/traced.ts'

// TensorFlow.js's own backend, which is always there; test/tfjs-node has the others.
const engine = { engine: 'tfjs', device: 'auto', threads: 1 } as const
const { folder } = temporaryFolder()

const bundleOf = ({ config, featureShape }: (typeof SMALL)[number], changes: object = {}) => {
  const model = scoringGraph(buildModel(config, { featureShape, seed: 1, loss: 'mse' }))
  const manifest = { architecture: config, feature_shape: featureShape, score: 'mse' }
  return { folder: 'models/pump', manifest, model, ...changes } as unknown as Bundle
}

const features = { data: Float32Array.from({ length: 30 }, (_, i) => Math.sin(i)), shape: [3, 10] }

describe('createTfjsSession', () => {
  it('scores as ONNX Runtime does, all outputs or those that are named', async () => {
    const bundle = bundleOf(SMALL[0])
    const [session, onnx] = [await createTfjsSession(bundle, engine), await createOnnxSession(bundle.model, engine)]
    const [actual, expected] = [await session.run({ features }), await onnx.run({ features })]
    expect(Object.keys(actual).sort()).toEqual(['latent', 'reconstruction', 'score'])
    for (const [name, { data, shape }] of Object.entries(expected)) {
      expect(actual[name].shape).toEqual(shape)
      expect(relativeDifference(actual[name].data, data)).toBeLessThanOrEqual(1e-5)
    }
    expect(Object.keys(await session.run({ features }, ['latent']))).toEqual(['latent'])
    await session.release()
    await onnx.release()
  })

  it('writes to the arrays that it is given', async () => {
    const session = await createTfjsSession(bundleOf(SMALL[0]), engine)
    const { score } = await session.run({ features })
    const into = { score: { data: new Float32Array(3), shape: [3] } }
    const result = await session.run({ features }, into)
    expect(result.score.data).toBe(into.score.data)
    expect([...into.score.data]).toEqual([...score.data])
    await session.release()
  })

  it('gives a typed error for input of another shape', async () => {
    const session = await createTfjsSession(bundleOf(SMALL[0]), engine)
    const wrong = { features: { data: new Float32Array(33), shape: [3, 11] } }
    await expect(session.run(wrong)).rejects.toThrow(expect.objectContaining({ code: 'AUSCULT_ENGINE' }))
    await session.release()
  })

  it.each([
    [
      'another architecture',
      { manifest: { architecture: { type: 'onnx' }, feature_shape: [10], score: 'mse' } },
      /another/,
    ],
    [
      'a graph of an older version',
      { model: withoutNames(bundleOf(SMALL[0]).model) },
      /no weights encoder_1_dense\/kernel/,
    ],
  ])('refuses %s', async (_name, changes, message) => {
    const refused = createTfjsSession(bundleOf(SMALL[0], changes), engine)
    await expect(refused).rejects.toThrow(
      expect.objectContaining({
        code: 'AUSCULT_ENGINE',
        at: 'models/pump',
        remedy: expect.stringContaining('engine: onnx'),
        message: expect.stringMatching(message),
      }),
    )
  })

  it.each([
    ['cuda', 'tfjs-node-gpu is not installed'],
    ['webgpu', 'has no WebGPU'],
  ] as const)('refuses the device %s where it has none', async (device, message) => {
    const refused = createTfjsSession(bundleOf(SMALL[0]), { ...engine, device })
    await expect(refused).rejects.toThrow(
      expect.objectContaining({
        code: 'AUSCULT_DEVICE',
        at: `device: ${device}`,
        message: expect.stringContaining(message),
        remedy: expect.any(String),
      }),
    )
  })
})

describe('a bundle', () => {
  it('scores the same on either engine, and its golden windows are checked', async () => {
    const at = await writeTinyBundle(folder)
    const windows = tinyWindows(5)
    const [tfjs, onnx] = [await loadScorer(at, engine), await loadScorer(at, { device: 'cpu', threads: 1 })]
    const [actual, expected] = [await tfjs.score(windows, 5), await onnx.score(windows, 5)]
    expect(relativeDifference(actual.scores, expected.scores)).toBeLessThanOrEqual(1e-5)
    expect(relativeDifference(actual.latents, expected.latents)).toBeLessThanOrEqual(1e-5)
    await Promise.all([tfjs.close(), onnx.close()])
  })

  it('is scored with fp32 alone', async () => {
    const bundle = await readBundle(await writeTinyBundle(folder))
    await expect(createScorer(bundle, { ...engine, precision: 'fp16' })).rejects.toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('engine: onnx') }),
    )
  })
})

/** As versions before this one wrote it: constants are numbered. */
function withoutNames(model: Uint8Array): Uint8Array {
  const decoded = decodeModel(model, 'test')
  const names = new Map(decoded.graph.initializer?.map(({ name }, i) => [name, `c${i}`]))
  for (const tensor of decoded.graph.initializer ?? []) tensor.name = names.get(tensor.name)
  for (const node of decoded.graph.node) node.input = node.input?.map(name => names.get(name) ?? name)
  return encodeModel(decoded)
}
