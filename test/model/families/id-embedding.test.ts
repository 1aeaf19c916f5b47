import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { architectureSchema } from '../../../src/model/architectures/config.ts'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { arcfaceLogits, cosines, normalizeRows } from '../../../src/model/families/arcface.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import { oneHot } from '../../../src/model/families/class-scores.ts'
import type { Model, ModelContext } from '../../../src/model/families/model.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { tf } from '../../../src/model/tf.ts'
import { seeded } from '../../../src/random.ts'
import { optimizerSchema } from '../../../src/train/optimizer-config.ts'
import { createTrainingProgram } from '../../../src/train/program.ts'
import { expectClose } from '../../helpers/close.ts'
import { fillWithSines } from '../../helpers/sine-weights.ts'

const golden = JSON.parse(readFileSync('test/fixtures/families/id-embedding.json', 'utf8'))
const [ITEMS, FRAMES, BINS] = [6, 5, 4]
const LABELS = [2, 0, 1, 1, 0, 2]
const SHARES = [0.9, 0.1, 0.5, 0.3, 0.7, 0.2]

const build = (config: object, context: Partial<ModelContext> = {}) =>
  buildModel(architectureSchema.parse({ type: 'id-embedding', ...config }), {
    featureShape: [FRAMES, BINS, 1],
    seed: 0,
    loss: 'mse',
    classWeights: [0.5, 2, 1],
    ...context,
  })

/** The network with the weights of the fixture's script. */
function filled(config: object): Model {
  return fillWithSines(build(config))
}

const items = () =>
  tf.tensor(
    Float32Array.from({ length: ITEMS * FRAMES * BINS }, (_, k) => Math.sin(0.37 * k)),
    [ITEMS, FRAMES, BINS, 1],
  )

describe('id-embedding', () => {
  it.each([
    ['linear', { embedding: 3, batch_norm: false, scale: 16 }],
    [
      'two layers, batch norm, two centres for each class',
      { hidden: [6], embedding: 4, subclusters: 2, margin: 0.2, scale: 30 },
    ],
    ['a margin beyond π', { embedding: 3, batch_norm: false, margin: 1.4, scale: 16 }],
    ['mixup', { hidden: [6], embedding: 4, scale: 16, mixup: true }],
  ])('agrees with PyTorch: %s', (name, config) => {
    const expected = golden[name]
    const model = filled(config)
    const { score, latent, probabilities } = model.score(items())
    expectClose(latent.dataSync(), expected.latent, 1e-5)
    expectClose(score.dataSync(), expected.score, 1e-5)
    expectClose(probabilities!.dataSync(), expected.probabilities, 1e-5)
    const centres = model.variables['classes/centres']
    const options = { margin: 0.5, ...config }
    const logits = arcfaceLogits(cosines(normalizeRows(latent), centres, 3), oneHot(tf.tensor1d(LABELS), 3), options)
    expectClose(logits.dataSync(), expected.logits, 2e-5)

    for (const random of model.randoms) random.value = tf.tensor(SHARES, [ITEMS, 1])
    const batch = { items: items(), labels: tf.tensor1d(LABELS) }
    const { value, grads } = tf.variableGrads(() => model.phases[0].updates[0].loss(batch), [...model.parts.weights])
    expectClose(value.dataSync(), [expected.loss], 1e-5)
    model.parts.weights.forEach((variable, i) => {
      expectClose(grads[variable.name].dataSync(), expected.gradients[i], 1e-4)
    })
  })

  it('falls on beyond π, and has a finite gradient at the centre', () => {
    const truth = tf.tensor2d([[1, 0]])
    const logit = (cosine: number) =>
      arcfaceLogits(tf.tensor2d([[cosine, 0]]), truth, { margin: 0.5, scale: 1 }).dataSync()[0]
    const falling = [1, 0.5, 0, -0.5, -0.85, -0.9, -1].map(logit)
    for (let i = 1; i < falling.length; i++) expect(falling[i]).toBeLessThan(falling[i - 1])
    const slope = tf.grad((x: tf.Tensor) => tf.sum(arcfaceLogits(x, truth, { margin: 0.5, scale: 1 })))
    for (const value of slope(tf.tensor2d([[1, 0]])).dataSync()) expect(Number.isFinite(value)).toBe(true)
  })

  it.each([
    ['convolutions', { convolutions: [{ filters: 3 }, { filters: 4, stride: [2, 1] }] }, [9, 12], [4]],
    ['convolutions without pooling', { convolutions: [{ filters: 3, stride: 3 }], pool: 'none' }, [9, 12, 2], [36]],
    ['frames without pooling', { pool: 'none' }, [9, 12, 1], [108]],
    ['the mean over frames', {}, [9, 12, 1], [12]],
    ['a plain vector', {}, [20], [20]],
  ])('pools %s', (_name, config, featureShape, [size]) => {
    const model = build({ embedding: 5, ...config }, { featureShape })
    const kernel = Object.entries(model.variables).find(([name]) => /^embedding_\d+_dense\/kernel$/.test(name))!
    expect(kernel[1].shape).toEqual([size, 5])
    const features = tf.tensor(
      Float32Array.from({ length: 2 * sizeOf(featureShape) }, (_, k) => Math.sin(k)),
      [2, ...featureShape],
    )
    const { latent, score, reconstruction } = model.score(features)
    expect(latent.shape).toEqual([2, 5])
    expect(Math.min(...score.dataSync())).toBeGreaterThanOrEqual(0)
    expect(reconstruction.shape).toEqual([2, ...featureShape])
  })

  it('learns spectra, and scores what is like none of them higher', async () => {
    const program = await createTrainingProgram({
      architecture: architectureSchema.parse({ type: 'id-embedding', embedding: 8, scale: 16, margin: 0.2 }),
      featureShape: [4, 6],
      loss: 'mse',
      classWeights: [1, 1, 1],
      optimizer: optimizerSchema.parse({ type: 'adam' }),
      batchSize: 24,
      seed: 2,
      engine: { device: 'cpu', threads: 1 },
    })
    const random = seeded(5)
    const batch = (peak: (item: number) => number) =>
      Float32Array.from({ length: 24 * 24 }, (_, k) => {
        const [item, bin] = [Math.floor(k / 24), k % 6]
        return (bin === peak(item) ? 2 : 0) + 0.3 * random.normal()
      })
    const labels = Float32Array.from({ length: 24 }, (_, i) => i % 3)
    const before = await program.evaluate(
      batch(i => i % 3),
      24,
      { labels },
    )
    for (let i = 0; i < 150; i++)
      await program.step(
        batch(item => item % 3),
        24,
        0.01,
        { labels },
      )
    expect(
      await program.evaluate(
        batch(i => i % 3),
        24,
        { labels },
      ),
    ).toBeLessThan(before / 20)
    const session = await createOnnxSession(await program.exportModel(), { device: 'cpu', threads: 1 })
    const score = async (data: Float32Array) =>
      (await session.run({ features: { data, shape: [24, 4, 6] } })).score.data
    const [known, unknown] = [await score(batch(i => i % 3)), await score(batch(() => 4))]
    expect(Math.max(...known)).toBeLessThan(Math.min(...unknown))
    await session.release()
    await program.release()
  })

  it.each([
    ['no classes', {}, { classWeights: [1] }, 'AUSCULT_CONFIG', /there are none/],
    ['convolutions of a vector', { convolutions: [{ filters: 3 }] }, { featureShape: [640] }, 'AUSCULT_SHAPE', /640/],
  ] as const)('refuses %s', (_name, config, context, code, message) => {
    expect(() => build(config, context)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message), remedy: expect.any(String) }),
    )
  })
})
