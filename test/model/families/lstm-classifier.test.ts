import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { architectureSchema } from '../../../src/model/architectures/config.ts'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import type { Model, ModelContext } from '../../../src/model/families/model.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { scoringGraph } from '../../../src/model/scoring-graph.ts'
import { tf } from '../../../src/model/tf.ts'
import { seeded } from '../../../src/random.ts'
import { optimizerSchema } from '../../../src/train/optimizer-config.ts'
import { createTrainingProgram } from '../../../src/train/program.ts'
import { expectClose } from '../../helpers/close.ts'
import { fillWithSines } from '../../helpers/sine-weights.ts'

const golden = JSON.parse(readFileSync('test/fixtures/families/lstm-classifier.json', 'utf8'))
const CLASSES = ['a', 'b', 'c']
const [FRAMES, BINS] = [6, 4]
const LENGTHS = [6, 3, 5]
const LABELS = [2, 0, 1]

const build = (config: object, context: Partial<ModelContext> = {}) =>
  buildModel(architectureSchema.parse({ type: 'lstm-classifier', ...config }), {
    featureShape: [FRAMES, BINS, 1],
    seed: 0,
    loss: 'mse',
    classes: CLASSES,
    classWeights: [0.5, 2, 1],
    ...context,
  })

/** The network with the weights of the fixture's script. */
function filled(config: object): Model {
  return fillWithSines(build(config))
}

/** Sequences of LENGTHS, then frames of zeros. */
function sequences(frames = FRAMES): Float32Array {
  const data = new Float32Array(LENGTHS.length * frames * BINS)
  for (const [row, length] of LENGTHS.entries()) {
    for (let k = 0; k < length * BINS; k++) data[row * frames * BINS + k] = Math.sin(0.37 * (row * FRAMES * BINS + k))
  }
  return data
}

async function score(model: Model, data: Float32Array, n: number) {
  const session = await createOnnxSession(scoringGraph(model), { device: 'cpu', threads: 1 })
  const results = await session.run({ features: { data, shape: [n, ...model.featureShape] } })
  await session.release()
  return results
}

describe('lstm-classifier', () => {
  it.each([
    ['last', { hidden: [5] }],
    ['two layers, mean', { hidden: [5, 3], pool: 'mean' }],
    ['both directions, last', { hidden: [4, 3], bidirectional: true }],
    ['both directions, mean', { hidden: [3], bidirectional: true, pool: 'mean' }],
  ])('agrees with PyTorch on packed sequences: %s', async (name, config) => {
    const model = filled(config)
    const expected = golden[name]
    const actual = await score(model, sequences(), 3)
    expectClose(actual.latent.data, expected.latent, 1e-5)
    expectClose(actual.probabilities.data, expected.probabilities, 1e-5)
    expectClose(actual.score.data, expected.likeliest, 1e-5)
    expect(actual.probabilities.shape).toEqual([3, 3])
    const batch = { items: tf.tensor(sequences(), [3, FRAMES, BINS, 1]), labels: tf.tensor1d(LABELS) }
    const { value, grads } = tf.variableGrads(() => model.phases[0].updates[0].loss(batch), [...model.parts.weights])
    expectClose(value.dataSync(), [expected.loss], 1e-5)
    model.parts.weights.forEach((variable, i) => {
      expectClose(grads[variable.name].dataSync(), expected.gradients[i], 1e-5)
    })
    const normal = filled({ ...config, normal: ['c', 'a'] })
    expectClose((await score(normal, sequences(), 3)).score.data, expected.normal_a_c, 1e-5)
  })

  it.each([
    ['last', { hidden: [5, 4] }],
    ['mean', { hidden: [5, 4], pool: 'mean', bidirectional: true }],
  ])('gives the same for whatever padding: %s', (_name, config) => {
    const [without, ...padded] = [0, 5, 50].map(padding => {
      const model = build(config, { featureShape: [FRAMES + padding, BINS, 1], seed: 3 })
      const features = tf.tensor(sequences(FRAMES + padding), [3, ...model.featureShape])
      const { probabilities, score: scores, latent } = model.score(features)
      return [probabilities!, scores, latent].flatMap(output => [...output.dataSync()])
    })
    for (const each of padded) expectClose(each, without, 1e-6)
  })

  it('leaves masked frames out wherever they are', async () => {
    const item = (frames: number[]) =>
      Float32Array.from({ length: 4 * frames.length }, (_, k) =>
        frames[k >> 2] === 0 ? 0 : Math.sin(frames[k >> 2] + (k % 4)),
      )
    const [short, long] = [build({}, { featureShape: [3, 4] }), build({}, { featureShape: [6, 4] })]
    const expected = await score(short, item([1, 2, 3]), 1)
    const actual = await score(long, item([0, 1, 0, 2, 3, 0]), 1)
    expectClose(actual.probabilities.data, expected.probabilities.data, 1e-6)
    // A frame with a single value is no padding.
    const other = item([0, 1, 0, 2, 3, 0])
    other[3] = 1e-3
    expect(
      Math.abs((await score(long, other, 1)).probabilities.data[0] - expected.probabilities.data[0]),
    ).toBeGreaterThan(1e-7)
  })

  it('trains on shorter batches as on padded ones, dropout included', async () => {
    const steps = async (frames: number[]) => {
      const program = await createTrainingProgram({
        architecture: architectureSchema.parse({ type: 'lstm-classifier', hidden: [5, 4], dropout: 0.3 }),
        featureShape: [8, BINS],
        loss: 'mse',
        classWeights: [1, 1, 1],
        optimizer: optimizerSchema.parse({ type: 'sgd' }),
        batchSize: 3,
        seed: 1,
        engine: { device: 'cpu', threads: 1 },
      })
      const losses: number[] = []
      for (const count of frames) {
        losses.push(await program.step(sequences(count), 3, 0.1, { labels: Float32Array.from(LABELS), frames: count }))
      }
      losses.push(await program.evaluate(sequences(6), 3, { labels: Float32Array.from(LABELS), frames: 6 }))
      const { weights } = await program.snapshot()
      await program.release()
      return [...losses, ...weights.data]
    }
    expectClose(await steps([6, 6, 8]), await steps([8, 8, 8]), 1e-6)
  })

  it('learns which of two tones comes first', async () => {
    const program = await createTrainingProgram({
      architecture: architectureSchema.parse({ type: 'lstm-classifier', hidden: [8] }),
      featureShape: [6, 2],
      loss: 'mse',
      classWeights: [1, 1],
      optimizer: optimizerSchema.parse({ type: 'adam' }),
      batchSize: 16,
      seed: 2,
      engine: { device: 'cpu', threads: 1 },
    })
    const random = seeded(5)
    const labels = Float32Array.from({ length: 16 }, (_, i) => i % 2)
    const items = Float32Array.from({ length: 16 * 12 }, (_, k) => {
      const [item, frame, bin] = [Math.floor(k / 12), Math.floor((k % 12) / 2), k % 2]
      return (frame < 3 === (bin === labels[item]) ? 1 : 0.1) + 0.1 * random.normal()
    })
    expect(await program.evaluate(items, 16, { labels })).toBeGreaterThan(0.5)
    for (let i = 0; i < 100; i++) await program.step(items, 16, 0.02, { labels })
    expect(await program.evaluate(items, 16, { labels })).toBeLessThan(0.05)
    await program.release()
  })

  it('keeps the digits of a score near 0, and of one that is large', async () => {
    const model = build({ normal: ['a'] }, { classWeights: [1, 1], classes: ['a', 'b'] })
    const bias = model.variables['classifier_1_dense/bias']
    const silence = new Float32Array(sizeOf(model.featureShape))
    for (const odds of [30, -30]) {
      bias.assign(tf.tensor1d([odds, 0]))
      const { score: scores } = await score(model, silence, 1)
      expect(scores.data[0] / Math.log1p(Math.exp(-odds))).toBeCloseTo(1, 4)
    }
  })

  it('expects the mean of the training items', async () => {
    const expected = Float32Array.from({ length: FRAMES * BINS }, (_, k) => k)
    const { reconstruction } = await score(build({}, { expected }), sequences(), 3)
    expect([...reconstruction.data]).toEqual([...expected, ...expected, ...expected])
    expect(reconstruction.shape).toEqual([3, FRAMES, BINS, 1])
  })

  it.each([
    ['no frames', {}, { featureShape: [640] }, 'AUSCULT_SHAPE', /holds? no frames/],
    ['too many frames', {}, { featureShape: [300, 4] }, 'AUSCULT_SHAPE', /too long/],
    ['no classes', {}, { classWeights: undefined }, 'AUSCULT_CONFIG', /there are none/],
    ['a normal class that is absent', { normal: ['a', 'd'] }, {}, 'AUSCULT_CONFIG', /no class "d"/],
    ['nothing but normal classes', { normal: ['a', 'b', 'c'] }, {}, 'AUSCULT_CONFIG', /every class is normal/],
  ] as const)('refuses %s', (_name, config, context, code, message) => {
    expect(() => build(config, context)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message), remedy: expect.any(String) }),
    )
  })
})
